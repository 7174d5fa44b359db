import { createConfig, lintFromString } from '@redocly/openapi-core'
import { makeOpenApi, type OpenApiDocument } from '../src/start/http/openapi.ts'
import { readEndpointGroups } from './operations.ts'

/** Lints an OpenAPI document. Returns one line for each problem. */
export async function lintOpenApi(document: OpenApiDocument): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended'],
    rules: {
      // A tag only names the group in which endpoints are declared, of a room or a part of one; the operations describe themselves.
      'tag-description': 'off',
      // Probes of health are never refused; a contract test checks the refusals of the others.
      'operation-4xx-response': 'off',
      'no-unused-components': 'error',
    },
  })
  const problems = await lintFromString({ source: JSON.stringify(document), config })
  return problems.map(
    ({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer ?? ''}`,
  )
}

// Run by `npm run check`: lints the document of every endpoint that the program declares.
if (import.meta.main) {
  const endpoints = (await readEndpointGroups()).flatMap((group) => group.endpoints)
  const problems = await lintOpenApi(makeOpenApi(endpoints, '0'))
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
}
