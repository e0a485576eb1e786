/** What PixSim7 asks of a provider of generated videos. */
import type { CreditType, OperationType } from '../database/values.ts'

/** State of a video in words common to all providers. */
export type VideoStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'filtered' | 'cancelled'

/** Parameters of a job, or a request body, as JSON. */
export type ProviderPayload = Readonly<Record<string, unknown>>

/** The account a request is made with. Its secrets are read by the provider and never logged. */
export interface ProviderCredentials {
  readonly accountId: number
  readonly secrets: Readonly<Record<string, string | undefined>>
}

/** One parameter a job of some operation may carry. */
export interface ParameterSpec {
  readonly name: string
  readonly type: 'string' | 'integer' | 'url' | 'urls'
  readonly isRequired: boolean
  readonly default?: string | number
  /** The values it may take; absent for no limit but the type's. */
  readonly values?: readonly (string | number)[]
  readonly maxLength?: number
}

export interface ExecuteRequest {
  readonly operation: OperationType
  readonly credentials: ProviderCredentials
  /** What `mapParameters` made. */
  readonly payload: ProviderPayload
  /** Names this request: repeated with the same id, it is the same request and is not generated twice. */
  readonly traceId: string
  /** Gives up early, when the worker stops. */
  readonly signal?: AbortSignal | undefined
}

/** A request the provider has accepted. */
export interface Accepted {
  readonly providerJobId: string
  readonly providerVideoId: string
  readonly status: VideoStatus
  readonly estimatedCompletion: Date
}

export interface StatusReport {
  readonly status: VideoStatus
  /** Set when completed. Signed: never logged. */
  readonly videoUrl: string | null
  readonly thumbnailUrl: string | null
  /** From 0 to 1, where the provider tells. */
  readonly progress: number | null
  readonly width: number | null
  readonly height: number | null
  readonly durationSec: number | null
  /** Why it failed, in the provider's words. */
  readonly errorMessage: string | null
}

/** What an account has left in the purse its requests are paid from. */
export interface Balance {
  readonly creditType: CreditType
  readonly amount: number
}

/** All methods reject with ProviderError and nothing else. */
export interface Provider {
  readonly providerId: string
  readonly name: string
  /** Host names whose addresses belong to this provider. */
  readonly domains: readonly string[]
  /** Whether it answered when it was last asked; undefined when it never was. */
  readonly isReachable: boolean | undefined
  readonly supportedOperations: readonly OperationType[]
  /** The parameters a job of a supported operation takes. */
  parameterSpec(operation: OperationType): readonly ParameterSpec[]
  /** The payload for a job's parameters, with defaults. Throws PROVIDER_INVALID_REQUEST. */
  mapParameters(operation: OperationType, params: ProviderPayload): ProviderPayload
  execute(request: ExecuteRequest): Promise<Accepted>
  checkStatus(
    credentials: ProviderCredentials,
    providerJobId: string,
    signal?: AbortSignal,
  ): Promise<StatusReport>
  /** False when the provider cannot cancel, which is no error: the video is generated and ignored. */
  cancel(credentials: ProviderCredentials, providerJobId: string): Promise<boolean>
  fetchBalance(credentials: ProviderCredentials, signal?: AbortSignal): Promise<Balance>
}
