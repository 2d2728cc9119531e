// How the sites share the stage: rows of sites, and in each row tiles of one size, so that the pictures are as large as they can
// be, without holes, and none less than a quarter of another. Nobody's picture shrinks because somebody else speaks. Pure.

export interface Measures {
  width: number;
  height: number;
  gap: number; // between tiles
  siteGap: number; // between sites
  heading: number; // above each site
  caption: number; // below each picture
}

export interface Row {
  pictureWidth: number;
  pictureHeight: number;
  sites: { index: number; columns: number }[];
}

interface Plan {
  sites: { index: number; columns: number }[];
  columns: number;
  lines: number;
}

const ratio = 16 / 9;
const mostLines = 4;

/** The best arrangement of sites with so many tiles each (none is 0). */
export function arrange(tiles: number[], measures: Measures): Row[] {
  let best: Row[] = [];
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const plans of arrangements(tiles)) {
    const rows = sized(plans, measures);
    const score = scoreOf(plans, rows, tiles);
    if (score > bestScore) {
      best = rows;
      bestScore = score;
    }
  }
  return best;
}

/** Every way to cut the sites, in their order, into rows of one to four lines of tiles. */
function* arrangements(tiles: number[], from = 0): Generator<Plan[]> {
  if (from === tiles.length) {
    yield [];
    return;
  }
  for (let to = from + 1; to <= tiles.length; to++) {
    const most = Math.min(mostLines, Math.max(...tiles.slice(from, to)));
    for (let lines = 1; lines <= most; lines++) {
      const plan = planOf(tiles, from, to, lines);
      for (const rest of arrangements(tiles, to)) yield [plan, ...rest];
    }
  }
}

function planOf(tiles: number[], from: number, to: number, lines: number): Plan {
  const sites = tiles
    .slice(from, to)
    .map((count, offset) => ({ index: from + offset, columns: Math.ceil(count / lines) }));
  const columns = sites.reduce((sum, site) => sum + site.columns, 0);
  const used = Math.max(...sites.map((site) => Math.ceil((tiles[site.index] ?? 1) / site.columns)));
  return { sites, columns, lines: used };
}

function sized(plans: Plan[], m: Measures): Row[] {
  const widths = plans.map((plan) => {
    const gaps = (plan.columns - plan.sites.length) * m.gap + (plan.sites.length - 1) * m.siteGap;
    return Math.max(0, (m.width - gaps) / plan.columns);
  });
  const fixed = plans.reduce(
    (sum, { lines }) => sum + m.heading + lines * m.caption + (lines - 1) * m.gap,
    (plans.length - 1) * m.siteGap,
  );
  const natural = widths.map((width) => width / ratio);
  const ceiling = commonCeiling(
    natural,
    plans.map((plan) => plan.lines),
    m.height - fixed,
  );
  return plans.map(({ sites }, row) => {
    const pictureHeight = Math.floor(Math.min(natural[row] ?? 0, ceiling));
    return { sites, pictureHeight, pictureWidth: Math.floor(pictureHeight * ratio) };
  });
}

/** The height to which the tallest rows must come down so that all fit. */
function commonCeiling(natural: number[], lines: number[], available: number): number {
  let left = available;
  let open = lines.reduce((sum, count) => sum + count, 0);
  const rows = natural.map((height, row) => ({ height, lines: lines[row] ?? 1 }));
  for (const row of rows.sort((a, b) => a.height - b.height)) {
    const share = left / open;
    if (row.height > share) return Math.max(0, share);
    left -= row.height * row.lines;
    open -= row.lines;
  }
  return Number.POSITIVE_INFINITY;
}

/** The heights of all pictures, less what stays empty inside the sites; a plan with a dwarf among giants comes last. */
function scoreOf(plans: Plan[], rows: Row[], tiles: number[]): number {
  const heights = rows.map((row) => row.pictureHeight);
  const smallest = Math.min(...heights);
  let score = smallest;
  for (const [row, { sites, lines }] of plans.entries()) {
    const filled = sites.reduce((sum, { index }) => sum + (tiles[index] ?? 0), 0);
    const places = sites.reduce((sum, { columns }) => sum + columns * lines, 0);
    score += (heights[row] ?? 0) * (filled - (places - filled) / 2);
  }
  return smallest * 2 < Math.max(...heights) ? score / 1000 : score;
}
