import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { isScrolledAway, TOP_TOLERANCE_PX } from '../state/reading.ts'

export interface ScrollPort {
  /** Scrolled distance from the first row, in pixels; kept up only when asked for. */
  readonly top: number
  readonly height: number
  /** Height of one closed row. */
  readonly rowHeight: number
}

interface Ref {
  readonly current: HTMLDivElement | null
}

/** Follows scrolling and size of the list, and says to the rest of the panel whether it is away from its top. */
export function useScrollPort(scroller: Ref, grid: Ref, needsPosition: boolean): ScrollPort {
  const [port, setPort] = useState<ScrollPort>({ top: 0, height: 800, rowHeight: 28 })

  useLayoutEffect(() => {
    // The height depends on the reader's font size and the width of the screen; a drawn row knows it.
    const rowHeight = grid.current?.querySelector<HTMLElement>('.cells')?.offsetHeight ?? 0
    if (rowHeight > 0 && rowHeight !== port.rowHeight) setPort((known) => ({ ...known, rowHeight }))
  })

  useEffect(() => {
    const list = scroller.current
    if (list === null) return
    let frame = 0
    const measure = (): void => {
      frame = 0
      const top = list.scrollTop - (grid.current?.offsetTop ?? 0)
      setPort((known) => ({ ...known, top, height: list.clientHeight }))
    }
    const onScroll = (): void => {
      isScrolledAway.value = list.scrollTop > TOP_TOLERANCE_PX
      if (needsPosition && frame === 0) frame = requestAnimationFrame(measure)
    }
    onScroll()
    measure()
    list.addEventListener('scroll', onScroll, { passive: true })
    const observer = new ResizeObserver(measure)
    observer.observe(list)
    return () => {
      cancelAnimationFrame(frame)
      list.removeEventListener('scroll', onScroll)
      observer.disconnect()
    }
  }, [needsPosition])
  return port
}
