/** Arithmetic of a list whose rows are all equally high but one, the open one. All lengths in pixels. */
export interface RowGeometry {
  readonly count: number
  readonly rowHeight: number
  /** Index of the open row; -1 when none is. */
  readonly openIndex: number
  /** What the open row is higher by. */
  readonly openHeight: number
}

/** Rows to draw, `last` exclusive, and the empty space that stands for those above and below. */
export interface RowWindow {
  readonly first: number
  readonly last: number
  readonly above: number
  readonly below: number
}

/** Distance of a row's top from the top of the list; `index` may be `count`, for the end. */
export function topOf(index: number, geometry: RowGeometry): number {
  const { rowHeight, openIndex, openHeight } = geometry
  return index * rowHeight + (openIndex >= 0 && index > openIndex ? openHeight : 0)
}

/** The row at a distance from the top of the list, within its bounds. */
export function rowAt(y: number, geometry: RowGeometry): number {
  const { count, rowHeight, openIndex, openHeight } = geometry
  const openTop = topOf(openIndex, geometry)
  const index =
    openIndex < 0 || y < openTop + rowHeight
      ? Math.floor(y / rowHeight)
      : Math.max(openIndex, Math.floor((y - openHeight) / rowHeight))
  return Math.min(Math.max(0, count - 1), Math.max(0, index))
}

/** The rows that show between `top` and `top + height`, with `spare` more at either end. */
export function windowOf(geometry: RowGeometry, top: number, height: number, spare: number): RowWindow {
  if (geometry.count === 0) return { first: 0, last: 0, above: 0, below: 0 }
  const first = Math.max(0, rowAt(top, geometry) - spare)
  const last = Math.min(geometry.count, rowAt(top + height, geometry) + 1 + spare)
  return {
    first,
    last,
    above: topOf(first, geometry),
    below: topOf(geometry.count, geometry) - topOf(last, geometry),
  }
}
