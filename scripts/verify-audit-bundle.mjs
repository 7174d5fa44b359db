#!/usr/bin/env node
/**
 * Verifies an exported audit log (`tocsin audit export`) with Node.js alone: no database, no package of the project.
 *
 *   node verify-audit-bundle.mjs FILE [--key PUBLIC_KEY] [--anchors FILE] [--timestamps DIRECTORY]
 *
 * PUBLIC_KEY is what `tocsin audit key` printed when the log began, known from elsewhere than the bundle. The anchors are those
 * of the file or the mails kept outside. Timestamps (RFC 3161) are written into the directory, for
 *   openssl ts -verify -token_in -in anchor-N.token -data anchor-N.json -CAfile CERTIFICATES
 * Exits with 0 when all fits, with 1 otherwise.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    key: { type: 'string', multiple: true },
    anchors: { type: 'string' },
    timestamps: { type: 'string' },
  },
})
const [file] = positionals
if (file === undefined) {
  console.error(
    'usage: verify-audit-bundle.mjs FILE [--key PUBLIC_KEY] [--anchors FILE] [--timestamps DIRECTORY]',
  )
  process.exit(2)
}

const problems = []
const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const idOf = (key) => createHash('sha256').update(Buffer.from(key, 'base64url')).digest('hex').slice(0, 16)

function sortKeys(value) {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]))
}

const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
const [head, ...rest] = lines.map((line) => JSON.parse(line))
const seal = rest.pop()
if (head?.format !== 'tocsin-audit-1' || seal?.sha256 === undefined) {
  console.error('not an exported audit log, or cut at its end')
  process.exit(1)
}
const trusted = new Map((values.key ?? (head.key === null ? [] : [head.key])).map((key) => [idOf(key), key]))
const isSigned = (keyId, text, signature) => {
  const x = trusted.get(keyId)
  if (x === undefined) return undefined
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))
}

if (sha256(`${lines.slice(0, -1).join('\n')}\n`) !== seal.sha256) problems.push('the file was changed')
if (seal.signature === null) console.log('The file is not signed: no key was known where it was made.')
else if (isSigned(seal.keyId, seal.sha256, seal.signature) !== true)
  problems.push('the signature of the file is wrong')

const outside = values.anchors === undefined ? [] : readFileSync(values.anchors, 'utf8').split('\n')
const given = [...rest, ...outside.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))]
const anchors = new Map(given.map((line) => [`${line.statement} ${line.signature}`, line])).values()
const anchored = new Map()
let counted = 0
let later = 0
for (const { statement, keyId, signature } of anchors.filter((line) => line.statement !== undefined)) {
  const { n, at, heads } = JSON.parse(statement)
  const good = isSigned(keyId, statement, signature)
  if (good === false) problems.push(`anchor ${n}: its signature is wrong`)
  if (good === undefined) console.log(`Anchor ${n}: signed with a key that was not given (--key).`)
  if (good !== true || heads[head.scheme] === undefined) continue
  const [seq, hash] = heads[head.scheme]
  // What was written after the export began is not in it.
  if (seq > head.entries && at >= head.at) {
    later += 1
    continue
  }
  if (anchored.has(seq) && anchored.get(seq) !== hash)
    problems.push(`anchor ${n} contradicts another of entry ${seq}`)
  anchored.set(seq, hash)
  counted += 1
}

const stamped = given.filter((line) => line.statement !== undefined && line.timestamp !== undefined)
for (const { statement, timestamp } of values.timestamps === undefined ? [] : stamped) {
  const base = join(values.timestamps, `anchor-${Number(JSON.parse(statement).n)}`)
  writeFileSync(`${base}.json`, statement)
  writeFileSync(`${base}.token`, Buffer.from(timestamp, 'base64'))
}

let previous = '0'.repeat(64)
let seq = 0
for (const entry of rest.filter((line) => line.seq !== undefined)) {
  seq += 1
  const fields = [
    previous,
    head.scheme,
    entry.seq,
    entry.at,
    entry.actor,
    entry.action,
    entry.subject,
    sortKeys(entry.details),
  ]
  if (entry.reasonDigest !== null) fields.push(entry.reasonDigest)
  // Files of before networks were recorded do not have the field.
  if (entry.networkDigest != null) fields.push(`network:${entry.networkDigest}`)
  if (entry.seq !== seq || entry.prevHash !== previous || entry.hash !== sha256(JSON.stringify(fields))) {
    problems.push(`entry ${seq} was changed, moved or removed`)
    break
  }
  if (anchored.has(seq) && anchored.get(seq) !== entry.hash)
    problems.push(`entry ${seq} is not the one that was anchored`)
  previous = entry.hash
}
if (problems.length === 0 && (seq !== head.entries || previous !== head.hash))
  problems.push('entries are missing at the end')
const isWalked = seq === head.entries
for (const at of anchored.keys())
  if (isWalked && at > seq) problems.push(`entry ${at} was anchored and is missing`)

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
const key = values.key === undefined ? ', with the key that the file names itself' : ''
if (later > 0) console.log(`Anchors made after this file, left out: ${later}.`)
const stamps = new Set(stamped.map(({ timestamp }) => timestamp)).size
if (stamps > 0) {
  const how =
    values.timestamps === undefined ? 'not checked (--timestamps)' : `written to ${values.timestamps}`
  console.log(`Timestamps of a third party: ${stamps}, ${how}.`)
}
console.log(`${seq} entries, ${counted} anchors: intact${key}.`)
