// How what is shown and the people share the stage: the document as large as it can be while everybody beside or below it is still
// a face. Pure.
import { arrange, type Measures } from './layout.ts';

export interface Split {
  beside: boolean; // the people stand to the right of it, else below
  size: number; // px: width of its place beside them, height above them
}

const ratio = 16 / 9;
const smallest = 80; // px: height of a person's picture
const shares = [0.2, 0.24, 0.28, 0.32, 0.36, 0.4, 0.44];
const narrow = 640; // px: below this width the document goes above, over the whole width

/** hall: what both have together; tiles: people at each site. */
export function split(tiles: number[], hall: Measures): Split {
  if (hall.width < narrow) return { beside: false, size: hall.width / ratio + hall.caption };
  let best: Split = { beside: true, size: hall.width * 0.66 };
  let bestArea = 0;
  for (const part of shares) {
    for (const beside of [true, false]) {
      const size = (beside ? hall.width : hall.height) * (1 - part) - hall.siteGap;
      const area = areaOf(beside, size, hall);
      if (area > bestArea && fits(tiles, beside, size, hall)) {
        best = { beside, size };
        bestArea = area;
      }
    }
  }
  return best;
}

function areaOf(beside: boolean, size: number, { width, height, caption }: Measures): number {
  const room = { width: beside ? size : width, height: (beside ? height : size) - caption };
  const pictureWidth = Math.min(room.width, room.height * ratio);
  return (pictureWidth * pictureWidth) / ratio;
}

function fits(tiles: number[], beside: boolean, size: number, hall: Measures): boolean {
  const left = (beside ? hall.width : hall.height) - size - hall.siteGap;
  const people = {
    ...hall,
    width: beside ? left : hall.width,
    height: beside ? hall.height : left,
  };
  return arrange(tiles, people).every(({ pictureHeight }) => pictureHeight >= smallest);
}
