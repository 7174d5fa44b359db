import { lazy, type ReactNode, Suspense } from 'react'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import { OneOf } from '../call/Chips.tsx'
import fields from '../call/Fields.module.css'
import { OFFENCE_ID, ZONE_REASON_ID } from '../ids.ts'
import { ReasonField } from '../ReasonField.tsx'
import type { Draft } from '../text/draft.ts'
import classes from './Doctrine.module.css'
import { type Doctrine, type Level, levels, type Offence, offenceOf, withOffence } from './doctrine.ts'
import { FieldProblems } from './FieldProblems.tsx'
import type { Described } from './useDescribed.ts'
import type { RoomDoctrine } from './useDoctrine.ts'

// Loaded on demand, when identifying details are to be sent.
const DescribedNote = lazy(() =>
  import('./DescribedNote.tsx').then((module) => ({ default: module.DescribedNote })),
)
const Prosecutor = lazy(() => import('./Prosecutor.tsx').then((module) => ({ default: module.Prosecutor })))

const offences: readonly { value: Offence; hotkey: string }[] = [
  { value: 'yes', hotkey: 'O' },
  { value: 'no', hotkey: 'N' },
  { value: 'arrested', hotkey: 'I' },
]
// F is taken: Alt + F notes the prosecutor's authorisation.
const levelKeys: Record<Level, string> = { prevention: 'P', established: 'S', precise: 'E' }

/** Returns the change that a letter stands for, if it is one of the doctrine's shortcuts. */
export function doctrineOfLetter(letter: string, doctrine: Doctrine, isPrevention: boolean): Doctrine | null {
  const offence = offences.find(({ hotkey }) => hotkey === letter)
  if (offence !== undefined) return isPrevention ? null : withOffence(doctrine, offence.value)
  const level = levels.find((one) => levelKeys[one] === letter)
  return level === undefined ? null : { ...doctrine, level }
}

/**
 * The doctrine's questions: whether there is an offence, whether the suspects are gone, the level of detail, the zone.
 */
export function DoctrineField(props: {
  scheme: SchemeView
  draft: Draft
  doctrine: RoomDoctrine
  described: Described
  change: (patch: Partial<Draft>) => void
  /** Records the prosecutor's authorisation for the draft as it is. */
  authorise: () => Promise<void>
  /** Asks the magistrates on call for it. */
  ask: () => Promise<void>
}) {
  const { t } = useText()
  const { draft, doctrine, change } = props
  const { level } = draft.doctrine
  const offence = offenceOf(draft.doctrine)
  return (
    <div className={classes.doctrine}>
      <div className={classes.questions}>
        <div>
          <div className={fields.label} id="infraction-titre">
            {t('doctrine.offence')}
            {doctrine.unanswered && <span className={fields.aside}>{t('doctrine.offence.later')}</span>}
          </div>
          {doctrine.prevention ? (
            <p className={fields.note}>{t('doctrine.offence.none')}</p>
          ) : (
            <OneOf
              labelledBy="infraction-titre"
              prefix={OFFENCE_ID}
              value={offence}
              choices={offences.map(({ value, hotkey }) => ({
                value,
                hotkey,
                withAlt: true,
                label: t(`doctrine.offence.${value}`),
              }))}
              onPick={(value) => change({ doctrine: withOffence(draft.doctrine, value as Offence) })}
            />
          )}
        </div>
        <div>
          <div className={fields.label} id="niveau">
            {t('doctrine.level')}
            <span className={fields.aside}>{t(`doctrine.level.${level}.what`)}</span>
            <span className={`${fields.aside} ${fields.keys} ${fields.push}`}>{t('doctrine.keys')}</span>
          </div>
          <OneOf
            labelledBy="niveau"
            prefix="niveau"
            value={level}
            choices={levels.map((value) => ({
              value,
              hotkey: levelKeys[value],
              withAlt: true,
              label: t(`doctrine.level.${value}`),
              title: t(`doctrine.level.${value}.what`),
            }))}
            onPick={(value) => change({ doctrine: { ...draft.doctrine, level: value as Level } })}
          />
        </div>
      </div>
      {!doctrine.prevention && (offence === 'no' || offence === 'arrested') && (
        <p className={classes.problem} role="status">
          {t(`doctrine.stop.${offence}`)}
        </p>
      )}
      <FieldProblems problems={[...doctrine.problemsOf('offence'), ...doctrine.problemsOf('level')]} />
      {props.described.words !== null && level === 'precise' && (
        <Suspense>
          <DescribedNote
            words={props.described.words}
            authorised={doctrine.authorised}
            needsApproval={doctrine.needsApproval}
            onRemove={props.described.remove}
            onAuthorise={props.described.authorise}
          />
        </Suspense>
      )}
      {level === 'precise' && (
        <Suspense>
          <Prosecutor {...props} />
        </Suspense>
      )}
      {doctrine.outside !== null && (
        <ReasonField
          of="zone"
          id={ZONE_REASON_ID}
          label={t('doctrine.zone')}
          why={
            doctrine.outside.agency === null
              ? t('doctrine.zone.nobody', { commune: draft.commune?.name ?? '' })
              : t('doctrine.zone.why', {
                  commune: draft.commune?.name ?? '',
                  agency: doctrine.outside.agency,
                })
          }
          value={draft.outsideZoneReason}
          error={errorOf(doctrine.problemsOf('zone'))}
          onChange={(outsideZoneReason) => change({ outsideZoneReason })}
        />
      )}
    </div>
  )
}

function errorOf(problems: readonly { message: string }[]): ReactNode {
  return problems.length === 0 ? undefined : problems.map(({ message }) => message).join(' ')
}
