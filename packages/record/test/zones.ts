import { afterEach } from 'vitest'

/** Zones with summer time in whole and half hours, on both halves of the earth, and without. */
export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
] as const

const original = process.env['TZ']

/** Puts this process into a time zone until the test ends. */
export function useZone(zone: string): void {
  process.env['TZ'] = zone
}

afterEach(() => {
  if (original === undefined) delete process.env['TZ']
  else process.env['TZ'] = original
})
