/** Puts the page into the document. */
import { render } from 'preact';
import { App } from './app.js';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/dialog.css';
import './style/toolbar.css';
import './style/histogram.css';
import './style/facets.css';
import './style/list.css';
import './style/panel.css';
import './style/letters.css';

const page = document.getElementById('page');
if (page) render(<App />, page);
