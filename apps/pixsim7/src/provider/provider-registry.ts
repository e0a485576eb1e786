/** The providers this installation works with, by their name. */
import { getLogger } from '@pixsim7/logging'
import type { Provider } from './provider.ts'
import { ProviderError } from './provider-error.ts'

const logger = getLogger('provider.registry')

export interface ProviderRegistry {
  /** @throws ProviderError PROVIDER_NOT_FOUND */
  get(providerId: string): Provider
  find(providerId: string): Provider | undefined
  list(): readonly Provider[]
  /** The provider whose address this is; undefined for foreign and for malformed addresses. */
  detect(url: string): Provider | undefined
}

/** A registry of `providers`, each of which is logged. */
export function createProviderRegistry(providers: readonly Provider[]): ProviderRegistry {
  const byId = new Map(providers.map((provider) => [provider.providerId, provider]))
  for (const provider of providers) {
    logger.info('Provider registered', {
      provider_id: provider.providerId,
      operations: provider.supportedOperations.join(','),
    })
  }
  return {
    find: (providerId) => byId.get(providerId),
    list: () => providers,
    get(providerId) {
      const provider = byId.get(providerId)
      if (provider !== undefined) return provider
      const known = [...byId.keys()].join(', ')
      throw new ProviderError('PROVIDER_NOT_FOUND', `No provider '${providerId}': expected one of ${known}`, {
        providerId,
      })
    },
    detect(url) {
      if (!URL.canParse(url)) return undefined
      const host = new URL(url).hostname
      return providers.find((provider) =>
        provider.domains.some((domain) => host === domain || host.endsWith(`.${domain}`)),
      )
    },
  }
}
