/** Parameters of queries that many resources have, as the document tells of them. */
import type { Described } from '../resource.js';

export const LISTING: Described = {
  columns: 'the fields that are wanted, as a list with commas; a.b for a field within a field',
  sort: 'the field that is sorted by',
  sort_reverse: 'true: the other way round',
};

export const PAGED_LISTING: Described = {
  ...LISTING,
  page: 'the number of the page, from 1',
  page_size: 'how many to a page: 100 where nothing is said, 500 at most',
  name: 'a part of the name',
  use_regex: 'true: the name is a regular expression',
};

export const STATISTICS: Described = {
  disable_stats: 'true: without statistics',
  enable_queue_totals: 'true: counts of messages none the less',
  msg_rates_age: 'samples of rates so many seconds back',
  msg_rates_incr: 'and so many seconds apart',
  lengths_age: 'samples of lengths so many seconds back',
  lengths_incr: 'and so many seconds apart',
};
