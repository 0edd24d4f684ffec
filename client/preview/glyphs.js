// @ts-check
/** The drawings of the large look. */

import { teach } from "../glyphs.js";

teach({
  previous: "M12 5.5l-4.5 4.5 4.5 4.5",
  next: "M8 5.5l4.5 4.5-4.5 4.5",
  minus: "M4.5 10h11",
  plus: "M10 4.5v11 M4.5 10h11",
  fit: "M3.75 7.5v-3.75h3.75 M12.5 3.75h3.75v3.75 M16.25 12.5v3.75h-3.75 M7.5 16.25h-3.75v-3.75",
  close: "M5.5 5.5l9 9 M14.5 5.5l-9 9",
});
