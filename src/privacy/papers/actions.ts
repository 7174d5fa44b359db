import { frenchDay } from '../../i18n/day.ts'
import { formatMessage } from '../../i18n/format.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { findDay } from '../../platform/database/time-zone.ts'
import { inScheme } from '../../platform/db.ts'
import { readAloneLine } from '../../settings/alone.ts'
import type { Block, PaperDocument } from '../documents/document.ts'
import { typesetFrench } from '../documents/french.ts'
import { renderMarkdown } from '../documents/markdown.ts'
import { renderOdt } from '../documents/odt.ts'
import { renderPdf } from '../documents/pdf.ts'
import type { RetentionDeps } from '../retention/actions.ts'
import { writeNotice } from '../retention/notice.ts'
import type { PaperName } from './contract.ts'
import { writeDpia } from './dpia.ts'
import { type PaperFacts, readPaperFacts } from './facts.ts'
import { writeRegister } from './register.ts'

/** Writes a paper of a scheme in French, from its settings. @throws AppError `not_found` */
async function writePaper(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
  paper: PaperName,
): Promise<PaperDocument> {
  authorize(actor, 'retention.read', schemeId)
  const facts = await readPaperFacts(deps, schemeId)
  const { day, alone } = await inScheme(deps.db, schemeId, async (tx) => ({
    day: await findDay(tx, schemeId, deps.now()),
    alone: await readAloneLine(tx, schemeId, 'fr'),
  }))
  return {
    title: formatMessage('fr', `papers.${paper}`, { scheme: facts.name }),
    scheme: facts.name,
    chamber: facts.chamber,
    subtitle: facts.territory,
    footer: formatMessage('fr', 'papers.footer', { scheme: facts.name, day: frenchDay(day) }),
    lang: 'fr',
    at: deps.now(),
    blocks: blocksOf(paper, facts, day),
    alone,
  }
}

function blocksOf(paper: PaperName, facts: PaperFacts, day: string): readonly Block[] {
  if (paper === 'register') return writeRegister(facts, day)
  if (paper === 'dpia') return writeDpia(facts, day)
  const parts = writeNotice(facts, (key, values) => formatMessage('fr', key, values), 'fr')
  return parts.flatMap(({ title, lines }): Block[] => [
    { kind: 'heading', level: 2, text: title },
    { kind: 'list', items: lines },
  ])
}

/** Returns a paper as an accessible PDF. @throws as `writePaper` */
export async function getPaperPdf(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
  paper: PaperName,
): Promise<Buffer> {
  return renderPdf(typesetFrench(await writePaper(deps, actor, schemeId, paper)))
}

/** Returns a paper as OpenDocument text, for the data protection officer to complete. @throws as `writePaper` */
export async function getPaperOdt(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
  paper: PaperName,
): Promise<Buffer> {
  return renderOdt(typesetFrench(await writePaper(deps, actor, schemeId, paper)))
}

/** Writes the register of processing with a first draft of the impact assessment, as Markdown in French. @throws as `writePaper` */
export async function getRegister(deps: RetentionDeps, actor: Actor, schemeId: string): Promise<string> {
  const register = await writePaper(deps, actor, schemeId, 'register')
  const dpia = await writePaper(deps, actor, schemeId, 'dpia')
  const text = renderMarkdown([register, dpia])
  return register.alone === undefined ? text : `${text}\n${register.alone}\n`
}
