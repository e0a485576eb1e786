/** The panel's own signs, drawn on a grid of 16 in the colour of the text around them. Decoration: never announced. */
const PATHS = {
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm3.3 7.8 3.2 3.2',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2.8V8l2.2 1.6',
  chevron: 'm6 3.5 4.5 4.5L6 12.5',
  down: 'm3.5 6 4.5 4.5L12.5 6',
  up: 'M8 13V3.5M4 7.3l4-4 4 4',
  fall: 'M8 3v9.5m-4-3.8 4 4 4-4',
  close: 'm4 4 8 8m0-8-8 8',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
  link: 'M6.5 9.5a2.5 2.5 0 0 0 3.6 0l2.2-2.2a2.5 2.5 0 0 0-3.6-3.6l-.9.9m1.7 1.9a2.5 2.5 0 0 0-3.6 0L3.7 8.7a2.5 2.5 0 0 0 3.6 3.6l.9-.9',
  lines: 'M2.5 3.5h11m-11 3h7m-7 3h11m-11 3h7',
  filter: 'M2 3.5h12L9.5 9v4l-3-1.5V9z',
  without: 'M2 3.5h12L9.5 9v4l-3-1.5V9zM2.5 13.5l11-11',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.6M13.3 2v3h-3',
  pause: 'M5.5 3.5v9m5-9v9',
  play: 'm5 3 7.5 5L5 13z',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1.5v1.3m0 10.4v1.3M1.5 8h1.3m10.4 0h1.3M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9',
  moon: 'M13.2 9.7A5.6 5.6 0 0 1 6.3 2.8a5.6 5.6 0 1 0 6.9 6.9Z',
  system: 'M2 3h12v8H2zm3.5 10.5h5',
  help: 'M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4v.2m0 2.4v.1',
  leave: 'M9.5 2.5h4v11h-4M9 8H2.5m2.5-3L2.5 8 5 11',
  sidebar: 'M2 3h12v10H2zm4 0v10',
  stack: 'M8 2.2 14 5.5 8 8.8 2 5.5zM2.5 8 8 11l5.5-3m-11 2.7L8 13.8l5.5-3.1',
  first: 'm12 3.5-4.5 4.5 4.5 4.5M4.5 3.5v9',
  previous: 'M10 3.5 5.5 8l4.5 4.5',
  next: 'M6 3.5 10.5 8 6 12.5',
  warning: 'M8 2.5 14.5 13.5h-13zM8 6.7v3m0 1.8v.1',
  pulse: 'M1.5 8.5h3l2-5 3 9 2-4h3',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
