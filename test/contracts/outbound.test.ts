import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../support/program.ts'

/** The files that open connections, and the settings that name the other end. No user can name one (ASVS 13.2.4, 13.2.5, 1.3.6). */
const OPENING: Readonly<Record<string, string>> = {
  'src/audit/anchors/stamp.ts': 'TOCSIN_TIMESTAMP_URL',
  'src/cli/run.ts': 'the server that holds the embedded database, on this machine',
  'src/cli/story.ts': 'the demo that it started itself',
  'src/gateways/card/stripe.ts': 'TOCSIN_STRIPE_API',
  'src/gateways/companies/recherche-entreprises.ts': 'TOCSIN_COMPANY_API',
  'src/gateways/geo/geo-api.ts': 'TOCSIN_GEO_API',
  'src/gateways/mail/smtp.ts': 'TOCSIN_SMTP_URL',
  'src/gateways/openid/provider.ts': 'TOCSIN_OIDC_ISSUER',
  'src/gateways/reach.ts': 'TOCSIN_SMPP_HOST, TOCSIN_GATEWAYS',
  'src/gateways/sms/http/exchange.ts': 'TOCSIN_GATEWAYS',
  'src/gateways/sms/smpp/session/session.ts': 'TOCSIN_SMPP_HOST, TOCSIN_GATEWAYS',
  'src/platform/db.ts': 'DATABASE_URL, DATABASE_OWNER_URL, DATABASE_SESSION_URL, DATABASE_READ_URL',
  'src/platform/database/pooler.ts': 'DATABASE_URL',
  'src/platform/database/pulse.ts': 'DATABASE_URL, DATABASE_SESSION_URL',
}

const OPENS =
  /\bfetch\(|\b(?:net|tls)\.connect\(|\bhttps?\.(?:request|get)\(|createTransport\(|new Stripe\(|new pg\.|new WebSocket\(|\blookup\(|\bdiscovery\(/

test('only these files open connections, each to what a setting names', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => join('src', path))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/testing/'))
  const opening = files.filter((path) => OPENS.test(readFileSync(join(ROOT, path), 'utf8')))
  expect(opening.sort()).toEqual(Object.keys(OPENING).sort())
})
