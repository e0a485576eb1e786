import { describe, expect, it } from 'vitest'
import { readLauncherSettings } from './settings/launcher-settings.ts'
import { formatSummary, parseAnnouncement } from './summary.ts'

const { settings } = readLauncherSettings({ PORT: '9001', LOGS_PORT: '9002' }, '/nowhere')

describe('the summary', () => {
  it('names everything one needs: panel, login, API, files, data, how to stop', () => {
    const logServer = parseAnnouncement('{"url":"http://localhost:9002/","password":"correct horse"}')
    const text = formatSummary({ settings, logServer, hasVisitors: true, tookMs: 5200 }, 120)
    for (const part of [
      'PixSim7 runs (started in 5 s)',
      'http://localhost:9002/logs ',
      'user admin, password correct horse ',
      'http://localhost:9001/docs',
      'http://localhost:8090',
      'data/logs/errors.log',
      '/nowhere/data ',
      'npm start -- --no-demo',
      'Ctrl-C',
    ]) {
      expect(text).toContain(part)
    }
    const widths = new Set(text.split('\n').map((line) => line.length))
    expect(widths.size).toBe(1)
  })

  it('says whose password holds when none was generated', () => {
    const logServer = parseAnnouncement('{"url":"http://localhost:9002","password":null}')
    const text = formatSummary({ settings, logServer, hasVisitors: false, tookMs: 1 }, 120)
    expect(text).toContain('the password that the first start printed')
    expect(text).not.toContain('null')
  })

  it('names the setting that holds the password', () => {
    const { settings: set } = readLauncherSettings({ LOGS_ADMIN_PASSWORD: 'hunter2hunter2' }, '/nowhere')
    const text = formatSummary({ settings: set, logServer: undefined, hasVisitors: false, tookMs: 1 }, 120)
    expect(text).toContain('as LOGS_ADMIN_PASSWORD says')
    expect(text).not.toContain('hunter2')
  })

  it.each([
    [{ HOST: '::', LOGS_HOST: 'localhost' }, 'http://localhost:5173/logs', 'http://localhost:8001/docs'],
    [{ HOST: '10.0.0.7', LOGS_HOST: 'fd00::7' }, 'http://[fd00::7]:5173/logs', 'http://10.0.0.7:8001/docs'],
  ])('gives addresses that work from here with %j', (environment, panel, api) => {
    const { settings: set } = readLauncherSettings(environment, '/nowhere')
    const text = formatSummary({ settings: set, logServer: undefined, hasVisitors: false, tookMs: 1 }, 120)
    expect(text).toContain(`${panel} `)
    expect(text).toContain(`${api} `)
  })

  it('leaves out the frame where it would not fit', () => {
    const text = formatSummary({ settings, logServer: undefined, hasVisitors: false, tookMs: 1 }, 40)
    expect(text).not.toContain('│')
    expect(text).toContain('http://localhost:9002/logs')
  })

  it.each(['', 'no JSON', '[]', '{"url":1}', undefined])('makes nothing of the announcement %j', (text) => {
    expect(parseAnnouncement(text)).toBeUndefined()
  })
})
