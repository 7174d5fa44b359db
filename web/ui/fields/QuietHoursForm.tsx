import { Button, Radio, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { CareSettings, QuietHours } from '../../../src/schemes/settings/care.ts'
import { useAction } from '../../api/useAction.ts'
import { useText } from '../format/text.ts'
import { Failure } from '../Notice.tsx'
import { DateField } from './days/DateField.tsx'
import { hourOf, minutesOf } from './hours.ts'
import classes from './QuietHoursForm.module.css'

type Choice = 'scheme' | 'none' | 'own'

/** Initial quiet hours: 21:00 to 07:00. */
const PROPOSED: QuietHours = { from: 21 * 60, to: 7 * 60 }

function choiceOf(quiet: QuietHours | null): Choice {
  return quiet === null ? 'scheme' : quiet.from === quiet.to ? 'none' : 'own'
}

/** Returns the hours of a choice of one's own. */
function ownHours(quiet: QuietHours | null): QuietHours | null {
  return choiceOf(quiet) === 'own' ? quiet : null
}

function hoursOf({ from, to }: QuietHours): { from: string; to: string } {
  return { from: hourOf(from), to: hourOf(to) }
}

/** Sets the quiet hours of a member, and says which alerts override them. */
export function QuietHoursForm(props: {
  saved: QuietHours | null
  /** The scheme's quiet hours. */
  care: Pick<CareSettings, 'quiet' | 'quietOverriddenBy'>
  mayChange: boolean
  session: 'console' | 'portal'
  /**
   * Saves them.
   * @returns the stored quiet hours
   */
  save: (quiet: QuietHours | null) => Promise<QuietHours | null>
}) {
  const { t } = useText()
  const { saved, care, mayChange } = props
  const form = useForm({
    initialValues: { choice: choiceOf(saved), ...hoursOf(ownHours(saved) ?? PROPOSED) },
  })
  const { choice, from, to } = form.values
  const [before, setBefore] = useState<{ quiet: QuietHours | null } | null>(null)

  const save = useAction(props.save, {
    success: t('care.saved'),
    onSuccess: (quiet) => {
      setBefore({ quiet: saved })
      const own = ownHours(quiet)
      form.setValues({ choice: choiceOf(quiet), ...(own !== null && hoursOf(own)) })
    },
    session: props.session,
  })

  const usual = care.quiet
  const chosen = chosenOf(choice, minutesOf(from), minutesOf(to))
  const isSame = choice === 'own' && from === to
  const isChanged = chosen !== undefined && JSON.stringify(chosen) !== JSON.stringify(saved)
  const schemeHint = t('care.scheme.hint', {
    hours: usual === null || usual.from === usual.to ? 'none' : 'some',
    from: hourOf(usual?.from ?? 0),
    to: hourOf(usual?.to ?? 0),
  })
  return (
    <form
      className={classes.care}
      onSubmit={(event) => {
        event.preventDefault()
        if (chosen !== undefined && isChanged && !isSame && !save.isPending) save.mutate(chosen)
      }}
    >
      <p>{t('care.what', { breaks: care.quietOverriddenBy })}</p>
      <Radio.Group aria-label={t('care.choice')} {...form.getInputProps('choice')} readOnly={!mayChange}>
        <Stack gap={10}>
          <Radio value="scheme" label={t('care.scheme')} description={schemeHint} disabled={!mayChange} />
          <Radio
            value="none"
            label={t('care.none')}
            description={t('care.none.hint')}
            disabled={!mayChange}
          />
          <Radio value="own" label={t('care.own')} disabled={!mayChange} />
        </Stack>
      </Radio.Group>
      {choice === 'own' && (
        <div className={classes.hours}>
          <DateField
            kind="time"
            label={t('care.from')}
            {...form.getInputProps('from')}
            required
            disabled={!mayChange}
          />
          <DateField
            kind="time"
            label={t('care.to')}
            {...form.getInputProps('to')}
            required
            disabled={!mayChange}
            error={isSame ? t('care.same') : false}
          />
        </div>
      )}
      <Failure error={save.failure} />
      {mayChange && (
        <div className={classes.careActions}>
          <Button type="submit" disabled={!isChanged || isSame} loading={save.isPending}>
            {t('care.save')}
          </Button>
          {before !== null && !isChanged && (
            <Button variant="default" disabled={save.isPending} onClick={() => save.mutate(before.quiet)}>
              {t('care.undo')}
            </Button>
          )}
        </div>
      )}
    </form>
  )
}

/** Undefined: not filled in. */
function chosenOf(
  choice: Choice,
  from: number | undefined,
  to: number | undefined,
): QuietHours | null | undefined {
  if (choice === 'scheme') return null
  if (choice === 'none') return { from: 0, to: 0 }
  return from === undefined || to === undefined ? undefined : { from, to }
}
