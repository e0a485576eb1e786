import { Type } from '@fastify/type-provider-typebox'
import { listAccounts } from '../../accounts/account-repository.ts'
import { SECRET_NAMES } from '../../accounts/account-secrets.ts'
import type { SecretName } from '../../accounts/account-secrets.ts'
import {
  changeAccount,
  changeCredits,
  createAccount,
  getVisibleAccount,
  removeAccount,
} from '../../accounts/account-service.ts'
import type { ApiApp } from '../api-app.ts'
import { identityOf } from '../authenticate.ts'
import type { Dependencies } from '../dependencies.ts'
import { showAccount } from '../presenters.ts'
import {
  AccountBody,
  AccountStatusWord,
  CreditTypeWord,
  Email,
  failures,
  IdParams,
  NoContent,
  Nullable,
  ProviderId,
  Strict,
} from '../schemas.ts'

/** Cookies of a whole site fit; nothing sensible is longer. */
const Secret = Type.String({ minLength: 1, maxLength: 16_384, writeOnly: true })
const MAX_COUNT = 1_000_000

const SETTABLE = {
  is_private: Type.Optional(Type.Boolean()),
  priority: Type.Optional(
    Type.Integer({ minimum: -1000, maximum: 1000, description: 'Higher is preferred' }),
  ),
  max_concurrent_jobs: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  max_daily_videos: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: MAX_COUNT }))),
}

const NewAccount = Strict({
  provider_id: ProviderId,
  email: Email,
  ...SETTABLE,
  password: Type.Optional(Secret),
  jwt_token: Type.Optional(Secret),
  api_key: Type.Optional(Secret),
  api_key_paid: Type.Optional(Secret),
  cookies: Type.Optional(Secret),
})

const AccountChanges = Strict({
  email: Type.Optional(Email),
  status: Type.Optional(Type.Enum(['active', 'disabled', 'rate_limited'])),
  ...SETTABLE,
  password: Type.Optional(Nullable(Secret)),
  jwt_token: Type.Optional(Nullable(Secret)),
  api_key: Type.Optional(Nullable(Secret)),
  api_key_paid: Type.Optional(Nullable(Secret)),
  cookies: Type.Optional(Nullable(Secret)),
})

const Purse = Strict({
  credit_type: CreditTypeWord,
  amount: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
})
const Filter = Strict({ provider_id: Type.Optional(ProviderId), status: Type.Optional(AccountStatusWord) })

/** Takes the secrets out of a body into an object of their own. */
function separateSecrets<B extends { readonly [name in SecretName]?: string | null }>(body: B) {
  const { password, jwt_token, api_key, api_key_paid, cookies, ...fields } = body
  const all = { password, jwt_token, api_key, api_key_paid, cookies }
  const given = SECRET_NAMES.filter((name) => all[name] !== undefined).map((name) => [name, all[name]])
  return { ...fields, secrets: Object.fromEntries(given) as { [name in SecretName]?: string | null } }
}

/** `/accounts`: provider accounts. Secrets go in and never come out. Behind requireUser. */
export function accountRoutes(app: ApiApp, dependencies: Dependencies): void {
  const { database, registry, secretBox } = dependencies
  const context = { db: database.db, registry, secretBox }
  const common = { tags: ['accounts'], security: [{ bearer: [] }] }

  app.get(
    '/accounts',
    {
      schema: {
        ...common,
        summary: 'Own accounts, system accounts, and what others share',
        querystring: Filter,
        response: { 200: Type.Object({ accounts: Type.Array(AccountBody) }), ...failures(401, 422) },
      },
    },
    async (request) => {
      const { user } = identityOf(request)
      const accounts = await listAccounts(database.db, {
        visibleTo: user.role === 'admin' ? undefined : user.id,
        providerId: request.query.provider_id,
        status: request.query.status,
      })
      return { accounts: accounts.map((account) => showAccount(account, user)) }
    },
  )

  app.post(
    '/accounts',
    {
      schema: {
        ...common,
        summary: 'Add an account',
        body: NewAccount,
        response: { 201: AccountBody, ...failures(400, 401, 409, 422) },
      },
    },
    async (request, reply) => {
      const { user } = identityOf(request)
      const created = await createAccount(context, user, separateSecrets(request.body))
      return reply.code(201).send(showAccount(created, user))
    },
  )

  app.get(
    '/accounts/:id',
    {
      schema: {
        ...common,
        summary: 'An account',
        params: IdParams,
        response: { 200: AccountBody, ...failures(401, 404, 422) },
      },
    },
    async (request) => {
      const { user } = identityOf(request)
      return showAccount(await getVisibleAccount(database.db, user, request.params.id), user)
    },
  )

  app.patch(
    '/accounts/:id',
    {
      schema: {
        ...common,
        summary: 'Change an account; a secret set to null is removed',
        params: IdParams,
        body: AccountChanges,
        response: { 200: AccountBody, ...failures(400, 401, 403, 404, 409, 422) },
      },
    },
    async (request) => {
      const { user } = identityOf(request)
      const changed = await changeAccount(context, user, request.params.id, separateSecrets(request.body))
      return showAccount(changed, user)
    },
  )

  app.delete(
    '/accounts/:id',
    {
      schema: {
        ...common,
        summary: 'Delete an account no job is running on',
        params: IdParams,
        response: { 204: NoContent, ...failures(401, 403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await removeAccount(context, identityOf(request).user, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/accounts/:id/credits',
    {
      schema: {
        ...common,
        summary: 'Set the credits in one purse of an account',
        params: IdParams,
        body: Purse,
        response: { 200: AccountBody, ...failures(400, 401, 403, 404, 422) },
      },
    },
    async (request) => {
      const { user } = identityOf(request)
      return showAccount(await changeCredits(context, user, request.params.id, request.body), user)
    },
  )
}
