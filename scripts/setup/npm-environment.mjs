// The environment in which the set-up runs npm: the user's registry, proxy and cache, but nothing that changes what is installed.
import { accessSync, constants, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/**
 * Settings of the npm that started us (`npm start -w x`, `npm_config_production=true`) that would make `npm ci` install
 * something else or somewhere else. Everything not named here stays: registry, proxies, certificates, cache, tokens.
 */
const REMOVED_SETTINGS = [
  'also', 'dev', 'dry_run', 'global', 'global_style', 'if_present', 'ignore_scripts', 'include', 'include_workspace_root',
  'install_links', 'install_strategy', 'legacy_bundling', 'local_prefix', 'location', 'loglevel', 'omit', 'only', 'optional',
  'package_lock', 'package_lock_only', 'prefix', 'production', 'save', 'save_exact', 'silent', 'workspace', 'workspaces',
] // prettier-ignore

/** Where npm keeps its cache by default, when that cannot be written: then it must be told another place. */
function isDefaultCacheUnusable() {
  if (process.platform === 'win32') return false
  const cache = path.join(homedir(), '.npm')
  try {
    accessSync(existsSync(cache) ? cache : homedir(), constants.W_OK)
    return false
  } catch {
    return true
  }
}

/** `environment` cleaned for `npm ci`; `ownCache` is used when the user's home cannot hold npm's cache. */
export function npmEnvironment(environment, ownCache) {
  const cleaned = {}
  for (const [name, value] of Object.entries(environment)) {
    const setting = /^npm_config_(.*)$/i.exec(name)?.[1]?.toLowerCase().replaceAll('-', '_')
    const isOfTheRunningScript = /^npm_(package|lifecycle)_|^npm_command$/.test(name)
    if (isOfTheRunningScript || REMOVED_SETTINGS.includes(setting)) continue
    cleaned[name] = value
  }
  // A shell with NODE_ENV=production must not leave out the compiler, which is a development dependency.
  delete cleaned.NODE_ENV
  const hasCacheSetting = Object.keys(cleaned).some((name) => /^npm_config_cache$/i.test(name))
  if (!hasCacheSetting && isDefaultCacheUnusable()) cleaned.npm_config_cache = ownCache
  return cleaned
}
