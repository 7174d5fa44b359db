import { expect, test } from 'vitest'
import { type DoctrineChoices, DoctrineSettings } from '../../schemes/doctrine.ts'
import { type AffectedFacts, doctrineEffectsOn } from './affected-rules.ts'

const now = Date.parse('2026-11-28T10:00:00Z')
const ago = (minutes: number) => new Date(now - minutes * 60_000)

const draft: AffectedFacts = {
  state: 'draft',
  subject: {
    categoryCode: 'fraud',
    severity: 'alert',
    doctrine: { level: 'established' },
    category: { labelFr: 'Escroquerie' },
    placeWords: 'à Billom',
    reference: '63-26-0142',
  },
  severity: 'alert',
  categoryLevel: 'established',
  occurredAt: ago(40),
  calledAt: ago(35),
  submittedAt: null,
  outsideZone: true,
  outsideZoneReason: null,
  followUp: undefined,
}
const submitted: AffectedFacts = { ...draft, state: 'submitted', submittedAt: ago(5) }
const vital: AffectedFacts = {
  ...submitted,
  severity: 'vital',
  subject: { ...draft.subject, severity: 'vital' },
}
const allClear: AffectedFacts = {
  ...draft,
  state: 'active',
  followUp: {
    kind: 'all_clear',
    text: "Fin d'alerte : escroquerie à Billom. Merci de votre vigilance.",
    level: 'established',
  },
}
const update: AffectedFacts = {
  ...allClear,
  followUp: { ...allClear.followUp!, kind: 'update', text: 'Mise à jour.' },
}

const everything = [{ categories: 'all', severities: 'all' }] as const

test.each<[string, AffectedFacts, DoctrineChoices, DoctrineChoices, string[]]>([
  ['nothing changed', draft, {}, {}, []],
  ['a second person for everything', draft, {}, { approval: [...everything] }, ['approval_needed']],
  [
    'no second person any more',
    submitted,
    { approval: [...everything] },
    { approval: [] },
    ['approval_dropped'],
  ],
  ['an update follows its alert', update, {}, { approval: [...everything] }, ['approval_needed']],
  ['the proposed all-clear needs nobody', allClear, {}, { approval: [...everything] }, []],
  ['descriptions at level 2', draft, {}, { descriptionLevel: 'established' }, ['descriptions_allowed']],
  ['a shorter limit', draft, {}, { lateAfterMinutes: 30 }, ['reason_needed']],
  ['a shorter limit that the facts do not reach', draft, {}, { lateAfterMinutes: 50 }, []],
  ['no reason outside the zone', draft, {}, { outsideZone: 'free' }, ['zone_reason_dropped']],
  ['a reason already written', { ...draft, outsideZoneReason: 'Renfort' }, {}, { outsideZone: 'free' }, []],
  ['no emergency', submitted, {}, { emergencyOverride: false }, ['override_refused']],
  ['no emergency, for a draft that needs nobody', draft, {}, { emergencyOverride: false }, []],
  ['another limit of this severity', submitted, {}, { unansweredMinutes: { alert: 5 } }, ['unanswered']],
  ['another limit of another severity', vital, {}, { unansweredMinutes: { alert: 5 } }, []],
  ['other quiet hours', draft, {}, { care: { quiet: { from: 1320, to: 420 } } }, ['audience']],
  [
    'other quiet hours, which a vital alert overrides',
    vital,
    {},
    { care: { quiet: { from: 1320, to: 420 } } },
    [],
  ],
  ['settings that touch no draft', submitted, {}, { closingMessage: true, cancelWindowSeconds: 9 }, []],
])('%s', (_, alert, before, after, effects) => {
  const settings = (input: DoctrineChoices) => DoctrineSettings.parse(input)
  expect(doctrineEffectsOn(alert, { before: settings(before), after: settings(after), now })).toEqual(effects)
})
