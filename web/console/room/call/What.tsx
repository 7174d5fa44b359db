import { Textarea, TextInput, UnstyledButton } from '@mantine/core'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { serverNow } from '../../../api/clock.ts'
import { Clock } from '../../../ui/alert/Clock.tsx'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { FACTS_ID, LATE_ID, PLACE_ID, PRECISE_ID } from '../ids.ts'
import { ReasonField } from '../ReasonField.tsx'
import type { Draft } from '../text/draft.ts'
import { isLate, saysNothingYet } from '../text/message.ts'
import { CallerField } from './CallerField.tsx'
import { OneOf } from './Chips.tsx'
import { ExerciseSwitch } from './ExerciseSwitch.tsx'
import classes from './Fields.module.css'
import { PlaceField } from './PlaceField.tsx'
import { WhenField } from './WhenField.tsx'

interface Props {
  scheme: SchemeView
  draft: Draft
  change: (patch: Partial<Draft>) => void
  pickCategory: (code: string) => void
  pickCommune: (commune: Draft['commune']) => void
  erase: () => void
}

/** The facts of the call: what, where, when, who called. */
export function Facts(props: Props) {
  const { t, lang } = useText()
  const { draft, scheme, change } = props
  const template = scheme.categories.find((one) => one.code === draft.categoryCode)?.template ?? ''
  const hasFacts = template.includes('{faits}')
  return (
    <div className={classes.facts}>
      <div>
        <div className={classes.label} id="quoi">
          {t('room.what')}
          <span className={`${classes.aside} ${classes.keys}`}>{t('room.what.keys')}</span>
          <ExerciseSwitch on={draft.exercise} onChange={(exercise) => change({ exercise })} />
          {draft.calledAt !== null && (
            <span className={`${classes.aside} ${classes.push}`}>
              {t('room.sinceCall')} <Clock since={draft.calledAt} calm />
              <UnstyledButton className={`${classes.small} ${classes.erase}`} onClick={props.erase}>
                {t('room.erase')}
              </UnstyledButton>
            </span>
          )}
        </div>
        <OneOf
          labelledBy="quoi"
          prefix="quoi"
          value={draft.categoryCode}
          choices={scheme.categories.map((category) => ({
            value: category.code,
            label: labelOf(lang, category),
            hotkey: category.position <= 9 ? String(category.position) : undefined,
          }))}
          onPick={props.pickCategory}
        />
      </div>
      <div className={classes.two}>
        <PlaceField schemeId={scheme.id} id={PLACE_ID} value={draft.commune} onPick={props.pickCommune} />
        <WhenField
          value={draft.when}
          timeZone={scheme.timeZone}
          called={draft.calledAt === null ? serverNow() : Date.parse(draft.calledAt)}
          onChange={(when) => change({ when })}
        />
      </div>
      {isLate(draft, scheme) && (
        <ReasonField
          of="late"
          id={LATE_ID}
          label={t('room.late')}
          why={t('room.late.why', { minutes: scheme.doctrine.lateAfterMinutes })}
          value={draft.lateReason}
          onChange={(lateReason) => change({ lateReason })}
        />
      )}
      <div className={classes.pair}>
        <CallerField
          schemeId={scheme.id}
          value={draft.caller}
          onChange={(caller) => change({ caller })}
          onMember={(member) => {
            change({
              caller: { text: member.name, member },
              // The incident is at the caller's shop, unless the call is about another commune.
              ...(draft.place === '' &&
                (draft.commune === null || draft.commune.code === member.commune.code) && {
                  place: member.name,
                }),
            })
            if (draft.commune === null) props.pickCommune({ ...member.commune, postalCode: null })
          }}
        />
        <TextInput
          id={PRECISE_ID}
          label={t('room.place')}
          placeholder={t('room.place.placeholder')}
          maxLength={200}
          value={draft.place}
          onChange={(event) => change({ place: event.currentTarget.value })}
        />
      </div>
      <div className={classes.alone}>
        <Textarea
          id={FACTS_ID}
          required={saysNothingYet({ ...draft, facts: '' }, scheme)}
          label={hasFacts ? t('room.facts.said') : t('room.facts')}
          placeholder={hasFacts ? t('room.place.placeholder') : t('room.facts.placeholder')}
          rows={1}
          autosize
          minRows={1}
          maxRows={4}
          classNames={{ input: classes.grows ?? '' }}
          maxLength={2000}
          value={draft.facts}
          onChange={(event) => change({ facts: event.currentTarget.value })}
        />
      </div>
    </div>
  )
}
