import { Type } from '@fastify/type-provider-typebox'
import type { ApiApp } from '../api-app.ts'
import type { Dependencies } from '../dependencies.ts'
import { failures, OperationWord } from '../schemas.ts'

const Parameter = Type.Object({
  name: Type.String(),
  type: Type.String(),
  required: Type.Boolean(),
  default: Type.Optional(Type.Unknown()),
  values: Type.Optional(Type.Array(Type.Unknown())),
  max_length: Type.Optional(Type.Integer()),
})

const ProviderBody = Type.Object({
  id: Type.String(),
  name: Type.String(),
  domains: Type.Array(Type.String()),
  supported_operations: Type.Array(OperationWord),
  parameters: Type.Record(Type.String(), Type.Array(Parameter), { description: 'By operation' }),
})

/** `/providers`: who generates, and what each operation takes. Behind requireUser. */
export function providerRoutes(app: ApiApp, { registry }: Dependencies): void {
  app.get(
    '/providers',
    {
      schema: {
        tags: ['providers'],
        security: [{ bearer: [] }],
        summary: 'Providers and the parameters of their operations',
        response: { 200: Type.Object({ providers: Type.Array(ProviderBody) }), ...failures(401) },
      },
    },
    async () => ({
      providers: registry.list().map((provider) => ({
        id: provider.providerId,
        name: provider.name,
        domains: [...provider.domains],
        supported_operations: [...provider.supportedOperations],
        parameters: Object.fromEntries(
          provider.supportedOperations.map((operation) => [
            operation,
            provider.parameterSpec(operation).map((spec) => ({
              name: spec.name,
              type: spec.type,
              required: spec.isRequired,
              ...(spec.default === undefined ? {} : { default: spec.default }),
              ...(spec.values === undefined ? {} : { values: [...spec.values] }),
              ...(spec.maxLength === undefined ? {} : { max_length: spec.maxLength }),
            })),
          ]),
        ),
      })),
    }),
  )
}
