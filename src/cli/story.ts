import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { composeLine } from '../alerts/compose/line.ts'
import type { AlertView, AudienceView, NearList } from '../alerts/contract.ts'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import { readConfig } from '../config.ts'
import type { Progress } from '../deliveries/contract.ts'
import { seedDemoMembers, seedGeneratedMembers } from '../demo/members.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { formatMessage, type Lang } from '../i18n/format.ts'
import type { ErrorView } from '../identity/contract.ts'
import type { ReportView } from '../reports/contract.ts'
import { loadScheme } from '../schemes/actions.ts'
import type { SchemeView } from '../schemes/contract.ts'
import { composeText } from '../schemes/texts/compose.ts'
import { startServer } from '../start/serve.ts'
import { Area, type AreaChoice, type Place } from '../territory/contract.ts'
import { atName, zoneWords } from '../territory/places/naming.ts'

const SCHEME = 'ac63'
/** A robbery as an operator types it. */
const ROBBERY_LINE = 'vma billom il y a 5 min tabac deux hommes scooter vers lezoux'
const CATEGORY = 'counterfeit-notes'
const COMMUNE = 'iss'
/** Agglomeration of Issoire. */
const AREA = 'epci:200070407'
/** Maximum time for the message to reach every phone. */
const PATIENCE_MS = 120_000

interface StoryOptions {
  readonly members: number | undefined
  readonly database: string | undefined
  readonly text: string | undefined
  readonly area: Area
  readonly json: boolean
}

/**
 * Plays the main task unattended, through the HTTP API and over SMPP, on a temporary database (or the one of
 * `--database`). First a robbery: one typed line, its text, the second person who approves it, the progress. Then counterfeit
 * notes, which the operator sends alone: the call, the decision, the preview, the order, the progress. The last line of stdout is
 * one JSON object; its figures are those of the counterfeit notes, with times from the order, and `robbery` those of the robbery.
 * @returns 0 when every planned message was delivered, else 1.
 */
export async function storyCommand(args: string[], io: CommandIo): Promise<number> {
  const options = parseStoryOptions(args, io.lang)
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-story-'))
  const printStep = (key: string, values?: Record<string, string | number>) => {
    if (!options.json) io.stderr(`${formatMessage(io.lang, key, values)}\n`)
  }
  const config = readConfig({
    PORT: '0',
    TOCSIN_DATA_DIR: directory,
    TOCSIN_DEMO: 'true',
    TOCSIN_LOG_LEVEL: 'error',
    TOCSIN_LANG: io.lang,
    DATABASE_URL: options.database,
  })
  try {
    printStep('story.starting')
    const server = await startServer(config, {
      webDirectory: null,
      seed: (deps) => fillDatabase(deps, options.members),
      printLine: options.json ? () => {} : (line) => io.stderr(`${line}\n`),
    })
    try {
      const [operator, chief] = await Promise.all([
        signIn(server.url, io.lang, 'operator'),
        signIn(server.url, io.lang, 'chief'),
      ])
      const robbery = await playRobbery({ operator, chief }, server.deps, { options, io, printStep })
      return await playStory(operator, { options, io, printStep, robbery })
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function parseStoryOptions(args: string[], lang: Lang): StoryOptions {
  const usage = () => usageError(lang, formatMessage(lang, 'story.usage'))
  try {
    const { values } = parseArgs({
      args,
      options: {
        members: { type: 'string' },
        database: { type: 'string' },
        text: { type: 'string' },
        area: { type: 'string', default: AREA },
        json: { type: 'boolean', default: false },
      },
    })
    const members = values.members === undefined ? undefined : Number(values.members)
    if (members !== undefined && (!Number.isInteger(members) || members < 1 || members > 1_000_000))
      throw usage()
    return {
      members,
      database: values.database,
      text: values.text,
      area: parseArea(values.area),
      json: values.json,
    }
  } catch (error) {
    throw error instanceof AppError ? error : usage()
  }

  /** Parses `scheme`, `commune:63178`, `epci:200070407`, `departement:63`, `radius:63178:10`… */
  function parseArea(text: string): Area {
    const [kind, code = '', kilometres] = text.split(':')
    const area = Area.safeParse(
      kind === 'radius'
        ? { kind, centre: { commune: code }, kilometres: Number(kilometres) }
        : { kind, code },
    )
    if (!area.success) throw usage()
    return area.data
  }
}

async function fillDatabase(deps: Deps, members: number | undefined): Promise<void> {
  const actor = { kind: 'system', name: 'story' } as const
  await loadScheme(deps, actor, SCHEME)
  if (members === undefined) await seedDemoMembers(deps, SCHEME)
  else await seedGeneratedMembers(deps, SCHEME, members)
}

type Api = <T>(method: 'GET' | 'POST', path: string, body?: unknown) => Promise<T>

interface Client {
  readonly api: Api
  /** Yields the live events of the scheme until the signal aborts. */
  live(signal: AbortSignal): AsyncGenerator<{ type: string; alertId?: string; progress?: Progress }>
}

/** Signs in at a door of the demo. */
async function signIn(url: string, lang: Lang, as: 'operator' | 'chief'): Promise<Client> {
  const headers = { 'content-type': 'application/json', 'accept-language': lang, origin: url }
  const door = await fetch(`${url}/api/demo/sessions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ as }),
  })
  if (!door.ok) throw new Error(await door.text())
  const cookie = door.headers
    .getSetCookie()
    .map((set) => set.split(';')[0])
    .join('; ')
  const base = `${url}/api/schemes/${SCHEME}`
  return {
    async api<T>(method: string, path: string, body?: unknown): Promise<T> {
      const { 'content-type': type, ...others } = headers
      const response = await fetch(base + path, {
        method,
        headers: body === undefined ? { ...others, cookie } : { ...headers, cookie },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (response.ok) return (await response.json()) as T
      const { message, problems } = (await response.json()) as ErrorView
      throw new Error([message, ...problems.map((problem) => problem.message)].join('\n'))
    },
    async *live(signal) {
      const response = await fetch(`${base}/live`, { headers: { cookie }, signal })
      let buffered = ''
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        buffered += chunk
        const blocks = buffered.split('\n\n')
        buffered = blocks.pop() ?? ''
        for (const block of blocks) {
          const data = block.split('\n').filter((line) => line.startsWith('data:'))
          if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(5)).join('\n'))
        }
      }
    },
  }
}

interface Playing {
  readonly options: StoryOptions
  readonly io: CommandIo
  readonly printStep: (key: string, values?: Record<string, string | number>) => void
}

/** Texts and figures of the robbery. */
interface Robbery {
  readonly text: string | null
  readonly parts: number | null
  readonly planned: number
  readonly delivered: number
}

/**
 * Plays a robbery: the operator types one line and submits, the second person approves exactly that text.
 * @returns null when nobody is in its area
 */
async function playRobbery(
  { operator, chief }: { readonly operator: Client; readonly chief: Client },
  deps: Deps,
  { options, io, printStep }: Playing,
): Promise<Robbery | null> {
  printStep('story.robbery.line', { line: ROBBERY_LINE })
  const composed = await composeLine(
    deps,
    { kind: 'system', name: 'story' },
    { schemeId: SCHEME, line: ROBBERY_LINE, at: () => Date.now() },
  )
  const { understood, area, text } = composed
  if (understood.commune === null || area === null)
    throw new Error('the line of the robbery was not understood')
  const audience = await operator.api<AudienceView>('POST', '/audience/preview', {
    area: area.area,
    trades: [],
    severity: 'vital',
  })
  if (audience.members === 0) {
    printStep('story.robbery.nobody', { place: understood.commune.name })
    return null
  }
  const report = await operator.api<ReportView>('POST', '/reports', {
    categoryCode: understood.categoryCode,
    communeCode: understood.commune.code,
    occurredAt: new Date(composed.occurredAt).toISOString(),
    ...(understood.place && { place: understood.place }),
    ...(understood.facts && { facts: understood.facts }),
  })
  const draft = await operator.api<AlertView>('POST', '/alerts', {
    reportId: report.id,
    text,
    area: area.area,
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: formatMessage('fr', 'story.robbery.zone'),
  })
  // On a database where the story was played before, alerts nearby are a different incident.
  const near = await operator.api<NearList>('POST', '/alerts/near', { reportId: report.id })
  const read = { version: draft.version, confirmNear: near.alerts.map((one) => one.id) }
  await operator.api('POST', `/alerts/${draft.id}/submit`, read)
  printStep('story.robbery.submitted', { text })
  const { ordered, progress } = await orderAndFollow(chief, draft.id, { options, io, printStep }, () =>
    chief.api<AlertView>('POST', `/alerts/${draft.id}/approve`, read),
  )
  const { planned, delivered } = progress
  printStep('story.done', { delivered, planned, reference: ordered.reference })
  return { text: ordered.sentText, parts: ordered.parts, planned, delivered }
}

/** Gives an order and follows its progress to the end, or as long as patience lasts. */
async function orderAndFollow(
  { live }: Client,
  alertId: string,
  { options, io, printStep }: Playing,
  order: () => Promise<AlertView>,
): Promise<{ ordered: AlertView; progress: Progress }> {
  const watching = new AbortController()
  const patience = setTimeout(() => watching.abort(), PATIENCE_MS)
  const events = live(watching.signal)
  // The stream is opened before the order, so that no event is missed.
  const first = events.next()
  const ordered = await order()
  printStep('story.ordered', { reference: ordered.reference, text: ordered.sentText ?? ordered.text })
  let { progress } = ordered
  try {
    for (let event = await first; !event.done; event = await events.next()) {
      if (event.value.alertId !== alertId || event.value.progress === undefined) continue
      progress = event.value.progress
      const { delivered, planned, accepted, inDoubt, failed } = progress
      if (!options.json)
        io.progress(
          formatMessage(io.lang, 'story.delivered'),
          delivered,
          planned,
          formatMessage(io.lang, 'story.figures', { accepted, inDoubt, failed }),
        )
      if (progress.state === 'done') break
    }
  } catch (error) {
    if (!watching.signal.aborted) throw error
  } finally {
    clearTimeout(patience)
    watching.abort()
  }
  if (progress === null) throw new Error('the broadcast returned no progress')
  return { ordered, progress }
}

async function playStory(
  client: Client,
  { robbery, ...playing }: Playing & { readonly robbery: Robbery | null },
): Promise<number> {
  const { api } = client
  const { options, io, printStep } = playing
  const scheme = await api<SchemeView>('GET', '')
  const { places } = await api<{ places: Place[] }>('GET', `/places?q=${COMMUNE}`)
  const place = places[0]
  if (place === undefined) throw new AppError('unknown_commune', { values: { code: COMMUNE } })
  const report = await api<ReportView>('POST', '/reports', {
    categoryCode: CATEGORY,
    communeCode: place.code,
    facts: formatMessage('fr', 'story.facts'),
  })
  printStep('story.called', {
    category: report.category[io.lang === 'fr' ? 'labelFr' : 'labelEn'],
    place: place.name,
  })

  const { choices } = await api<{ choices: AreaChoice[] }>('GET', `/areas?commune=${place.code}`)
  const choice = choices.find(({ area }) => JSON.stringify(area) === JSON.stringify(options.area))
  const template = scheme.categories.find((category) => category.code === CATEGORY)?.template ?? ''
  const text =
    options.text ??
    composeText(template, {
      lieu: atName(place.name),
      zone: zoneWords(choice?.words ?? atName(place.name)),
      conseil: scheme.closingAdvice,
    })
  const audience = await api<AudienceView>('POST', '/audience/preview', { area: options.area, trades: [] })
  printStep('story.audience', {
    members: audience.members,
    sms: audience.channels.sms,
    communes: audience.communes,
    place: choice?.name ?? place.name,
  })

  const draft = await api<AlertView>('POST', '/alerts', {
    reportId: report.id,
    text,
    area: options.area,
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  // On a database where the story was played before, alerts nearby are a different incident.
  const near = await api<NearList>('POST', '/alerts/near', { reportId: report.id })
  const { ordered, progress } = await orderAndFollow(client, draft.id, playing, () =>
    api<AlertView>('POST', `/alerts/${draft.id}/broadcast`, {
      version: draft.version,
      confirmNear: near.alerts.map((one) => one.id),
    }),
  )
  const { planned, accepted, delivered, failed, inDoubt, firstSubmitMs, allAcceptedMs } = progress
  printStep('story.done', { delivered, planned, reference: ordered.reference })
  io.stdout(
    `${JSON.stringify({
      planned,
      // A delivered message was accepted before.
      accepted: accepted + delivered,
      delivered,
      failed,
      inDoubt,
      firstSubmitMs,
      allAcceptedMs,
      text: ordered.sentText,
      parts: ordered.parts,
      robbery,
    })}\n`,
  )
  const isWhole = robbery === null || robbery.planned === robbery.delivered
  return planned > 0 && planned === delivered && isWhole ? 0 : 1
}
