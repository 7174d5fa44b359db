import { Button, Radio, Skeleton, Stack, Switch, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import type { DuesAccounts, DuesCreditor, DuesSettings } from '../../../src/schemes/contract.ts'
import { WARNING_DAYS } from '../../../src/schemes/dues.ts'
import { callApi } from '../../api/client.ts'
import { problemAt } from '../../api/problems.ts'
import { useAction } from '../../api/useAction.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { duesSettingsQuery } from '../dues/queries.ts'
import classes from './Settings.module.css'

const RULES = ['none', 'warn', 'suspend'] as const satisfies readonly DuesSettings['rule'][]
const CREDITOR = [
  'name',
  'address',
  'siret',
  'iban',
  'bic',
  'sepaId',
  'chequeOrder',
  'receiptNote',
] as const satisfies readonly (keyof DuesCreditor)[]
const ACCOUNTS = [
  'receivable',
  'income',
  'bank',
  'cheques',
  'cash',
  'cards',
] as const satisfies readonly (keyof DuesAccounts)[]
const FIELDS = [
  'remindAfterDays',
  'ruleAfterDays',
  ...CREDITOR.map((one) => `creditor.${one}`),
  ...ACCOUNTS.map((one) => `accounts.${one}`),
]

/** Sets reminders, the consequences of not paying, and the creditor. */
export function DuesSection(props: { schemeId: string; onDirty: (isDirty: boolean) => void }) {
  const settings = useQuery(duesSettingsQuery(props.schemeId))
  if (settings.isError) return <Failure error={settings.error} retry={() => void settings.refetch()} />
  if (settings.data === undefined) return <Skeleton height={320} />
  return <Form {...props} known={settings.data} />
}

/** As typed, including incomplete numbers. */
interface Draft extends Omit<DuesSettings, 'remindAfterDays' | 'ruleAfterDays'> {
  readonly remind: string
  readonly ruleAfter: string
}

const draftOf = ({ remindAfterDays, ruleAfterDays, ...rest }: DuesSettings): Draft => ({
  ...rest,
  remind: remindAfterDays.join(', '),
  ruleAfter: String(ruleAfterDays),
})

function Form(props: { schemeId: string; known: DuesSettings; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { schemeId, known, onDirty } = props
  const [draft, setDraft] = useState(() => draftOf(known))
  const isDirty = JSON.stringify(draft) !== JSON.stringify(draftOf(known))
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const save = useAction(
    ({ remind, ruleAfter, ...rest }: Draft) =>
      callApi('setDuesSettings', {
        params: { scheme: schemeId },
        body: {
          ...rest,
          // Invalid numbers are sent too, so that the server's message is shown.
          remindAfterDays: remind
            .split(/[\s,;]+/)
            .filter(Boolean)
            .map(Number),
          ruleAfterDays: Number(ruleAfter),
        },
      }),
    {
      fields: FIELDS,
      stores: duesSettingsQuery(schemeId).queryKey,
      success: t('dues.settings.saved'),
      onSuccess: (saved) => setDraft(draftOf(saved)),
    },
  )
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const problem = (path: string) =>
    save.problemAt(path) ?? (path === 'remindAfterDays' ? wrongReminder(save.error) : undefined)
  return (
    <form
      className={classes.dues}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending) save.mutate(draft)
      }}
    >
      <section className={classes.card} aria-labelledby="relances">
        <h3 id="relances" className={classes.cardTitle}>
          {t('dues.settings.remind')}
        </h3>
        <TextInput
          label={t('dues.settings.remind.days')}
          description={t('dues.settings.remind.what')}
          inputMode="numeric"
          value={draft.remind}
          error={problem('remindAfterDays') ?? false}
          onChange={(event) => change({ remind: event.currentTarget.value })}
        />
        <Switch
          mt={12}
          label={t('dues.settings.sms')}
          description={t('dues.settings.sms.what')}
          checked={draft.sms}
          onChange={(event) => change({ sms: event.currentTarget.checked })}
        />
      </section>
      <section className={classes.card} aria-labelledby="regle">
        <h3 id="regle" className={classes.cardTitle}>
          {t('dues.settings.rule')}
        </h3>
        <Radio.Group
          aria-labelledby="regle"
          value={draft.rule}
          onChange={(value) => change({ rule: RULES.find((one) => one === value) ?? 'none' })}
        >
          <Stack gap={8}>
            {RULES.map((one) => (
              <Radio
                key={one}
                value={one}
                label={t(`dues.settings.rule.${one}`)}
                description={t(`dues.settings.rule.${one}.what`, { days: WARNING_DAYS })}
              />
            ))}
          </Stack>
        </Radio.Group>
        {draft.rule !== 'none' && (
          <TextInput
            mt={12}
            label={t(`dues.settings.after.${draft.rule}`)}
            inputMode="numeric"
            value={draft.ruleAfter}
            error={problem('ruleAfterDays') ?? false}
            onChange={(event) => change({ ruleAfter: event.currentTarget.value })}
          />
        )}
      </section>
      <section className={classes.card} aria-labelledby="creancier">
        <h3 id="creancier" className={classes.cardTitle}>
          {t('dues.settings.creditor')}
        </h3>
        <p className={classes.mute}>{t('dues.settings.creditor.what')}</p>
        <Stack gap={12}>
          {CREDITOR.map((one) => (
            <TextInput
              key={one}
              label={t(`dues.settings.creditor.${one}`)}
              maxLength={one === 'receiptNote' ? 300 : one === 'address' ? 200 : 70}
              value={draft.creditor[one]}
              error={problem(`creditor.${one}`) ?? false}
              onChange={(event) =>
                change({ creditor: { ...draft.creditor, [one]: event.currentTarget.value } })
              }
            />
          ))}
        </Stack>
      </section>
      <section className={classes.card} aria-labelledby="comptes">
        <h3 id="comptes" className={classes.cardTitle}>
          {t('dues.settings.accounts')}
        </h3>
        <p className={classes.mute}>{t('dues.settings.accounts.what')}</p>
        <Stack gap={12}>
          {ACCOUNTS.map((one) => (
            <TextInput
              key={one}
              label={t(`dues.settings.account.${one}`)}
              inputMode="numeric"
              maxLength={10}
              value={draft.accounts[one]}
              error={problem(`accounts.${one}`) ?? false}
              onChange={(event) =>
                change({ accounts: { ...draft.accounts, [one]: event.currentTarget.value } })
              }
            />
          ))}
        </Stack>
      </section>
      <Failure error={save.failure} />
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending} disabled={!isDirty}>
          {t('settings.save')}
        </Button>
        {isDirty && (
          <Button variant="default" disabled={save.isPending} onClick={() => setDraft(draftOf(known))}>
            {t('settings.discard')}
          </Button>
        )}
      </div>
    </form>
  )
}

/** One of the days is invalid: the error is shown for the whole line. */
function wrongReminder(error: unknown): string | undefined {
  for (let i = 0; i < 6; i++) {
    const words = problemAt(error, `remindAfterDays.${i}`)
    if (words !== undefined) return words
  }
  return undefined
}
