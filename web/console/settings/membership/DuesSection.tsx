import { NativeSelect, Radio, Skeleton, Stack, Switch, TextInput } from '@mantine/core'
import { type FormErrors, useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type FormEvent, useEffect, useState } from 'react'
import type { DuesAccounts, DuesCreditor, DuesSettings } from '../../../../src/schemes/contract.ts'
import { WARNING_DAYS } from '../../../../src/schemes/settings/dues.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { duesSettingsQuery } from '../../dues/queries.ts'
import { governedOf, settingsAt } from '../changes/needs.ts'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { SettingActions } from '../SettingActions.tsx'
import classes from '../Settings.module.css'
import { useInForce } from '../useInForce.ts'
import { changesOf, draftOf } from './duesDraft.ts'
import { FeesCard } from './FeesCard.tsx'

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
  'vatNumber',
  'vatReason',
] as const satisfies readonly (keyof DuesCreditor)[]
const VAT = ['', 'outside', 'franchise', 'nonprofit'] as const satisfies readonly DuesCreditor['vat'][]
const ACCOUNTS = [
  'receivable',
  'income',
  'bank',
  'cheques',
  'cash',
  'cards',
] as const satisfies readonly (keyof DuesAccounts)[]
const LENGTHS: Partial<Record<keyof DuesCreditor, number>> = {
  address: 200,
  receiptNote: 300,
  vatNumber: 20,
  vatReason: 200,
}
const FIELDS = [
  'remindAfterDays',
  ...Array.from({ length: 6 }, (_, i) => `remindAfterDays.${i}`),
  'ruleAfterDays',
  ...CREDITOR.map((one) => `creditor.${one}`),
  'creditor.vat',
  ...ACCOUNTS.map((one) => `accounts.${one}`),
  'reason',
]

/** Sets the fees of the next campaign, reminders, the consequences of not paying, and the creditor. */
export function DuesSection(props: { schemeId: string; onDirty: (isDirty: boolean) => void }) {
  const settings = useQuery(duesSettingsQuery(props.schemeId))
  if (settings.isLoadingError) return <Failure error={settings.error} retry={() => void settings.refetch()} />
  if (settings.data === undefined) return <Skeleton height={320} />
  return <Cards {...props} known={settings.data} />
}

function Cards(props: { schemeId: string; known: DuesSettings; onDirty: (isDirty: boolean) => void }) {
  const { onDirty, ...rest } = props
  const [areFeesDirty, setFeesDirty] = useState(false)
  const [isRestDirty, setRestDirty] = useState(false)
  const isDirty = areFeesDirty || isRestDirty
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  return (
    <>
      <FeesCard {...rest} onDirty={setFeesDirty} />
      <Form {...rest} onDirty={setRestDirty} />
    </>
  )
}

function Form(props: { schemeId: string; known: DuesSettings; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { schemeId, known, onDirty } = props
  const inForce = draftOf(known)
  const form = useForm({ initialValues: { ...inForce, reason: '' } })
  const { reason, ...draft } = form.values
  const { base, changed, fillForm } = useInForce(form, inForce)
  const isDirty = changed.length > 0
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const client = useQueryClient()
  const settings = settingsAt('dues', changed)
  const isGoverned = governedOf(settings).length > 0
  const save = useAction(
    () =>
      callApi('setDuesSettings', {
        params: { scheme: schemeId },
        body: { ...changesOf(base, draft), ...(isGoverned && { reason }) },
      }),
    {
      form,
      fields: FIELDS,
      refresh: [settingChangesQuery(schemeId).queryKey],
      success: ({ proposed }) => t(proposed === null ? 'dues.settings.saved' : 'settingChange.proposed'),
      onSuccess: ({ proposed: _, ...saved }) => {
        client.setQueryData(duesSettingsQuery(schemeId).queryKey, saved)
        fillForm(draftOf(saved))
        form.setFieldValue('reason', '')
      },
    },
  )
  return (
    <form
      className={classes.dues}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending) save.mutate()
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
          {...form.getInputProps('remindAfterDays')}
          error={form.errors.remindAfterDays ?? wrongReminder(form.errors)}
        />
        <Switch
          mt={12}
          label={t('dues.settings.sms')}
          description={t('dues.settings.sms.what')}
          {...form.getInputProps('sms', { type: 'checkbox' })}
        />
      </section>
      <section className={classes.card} aria-labelledby="regle">
        <h3 id="regle" className={classes.cardTitle}>
          {t('dues.settings.rule')}
        </h3>
        <Radio.Group aria-labelledby="regle" {...form.getInputProps('rule')}>
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
        {form.values.rule !== 'none' && (
          <TextInput
            mt={12}
            label={t(`dues.settings.after.${form.values.rule}`)}
            inputMode="numeric"
            {...form.getInputProps('ruleAfterDays')}
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
              maxLength={LENGTHS[one] ?? 70}
              {...form.getInputProps(`creditor.${one}`)}
            />
          ))}
          <NativeSelect
            label={t('dues.settings.creditor.vat')}
            description={t('dues.settings.creditor.vat.what')}
            data={VAT.map((one) => ({ value: one, label: t(`dues.settings.creditor.vat.${one || 'none'}`) }))}
            {...form.getInputProps('creditor.vat')}
          />
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
              {...form.getInputProps(`accounts.${one}`)}
            />
          ))}
        </Stack>
      </section>
      <SecondPerson
        subject="dues"
        settings={settings}
        reason={reason}
        onReason={(value) => form.setFieldValue('reason', value)}
        error={form.errors.reason}
      />
      <SettingActions
        save={save}
        isDirty={isDirty}
        isProposed={isGoverned}
        onDiscard={() => form.setValues(base)}
      />
    </form>
  )
}

/** One of the days is invalid: the error is shown for the whole line. */
function wrongReminder(errors: FormErrors): ReactNode {
  return Object.entries(errors).find(([path]) => path.startsWith('remindAfterDays.'))?.[1]
}
