/** How high a line is: on a narrow screen it has two parts, one above the other. */
import { useEffect, useState } from 'preact/hooks';

/** Must agree with the style sheet. */
const WIDE_PIXELS = 26;
const NARROW_PIXELS = 48;
const NARROW = '(max-width: 760px)';

/** The height in pixels, kept up to date. */
export function useRowHeight(): number {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const changed = () => setNarrow(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return narrow ? NARROW_PIXELS : WIDE_PIXELS;
}
