import { NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect } from 'react'
import type { AccessSettings, SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { aboutQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { settingsAt } from '../changes/needs.ts'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { accessSettingsQuery } from '../queries.ts'
import { Setting } from '../Setting.tsx'
import { SettingActions } from '../SettingActions.tsx'
import classes from '../Settings.module.css'
import { SIGN_IN_ROLES } from './signInRoles.ts'

const NEEDS = ['any', 'second_factor', 'provider'] as const

/** Sets which sign-in each role needs, and the organisations (SIRET) of the agencies. */
export function AccessSection(props: { scheme: SchemeView; onDirty: (isDirty: boolean) => void }) {
  const settings = useQuery(accessSettingsQuery(props.scheme.id))
  if (settings.isLoadingError) return <Failure error={settings.error} retry={() => void settings.refetch()} />
  if (settings.data === undefined) return <Skeleton height={320} />
  return <Form {...props} known={settings.data} />
}

function Form(props: { scheme: SchemeView; known: AccessSettings; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { scheme, known, onDirty } = props
  const client = useQueryClient()
  const provider = useQuery(aboutQuery).data?.provider ?? null
  const agencies = scheme.agencies.filter(({ kind }) => kind !== 'observer')
  const form = useForm({ initialValues: initialValuesOf(known) })
  const { signIn, sirets, reason } = form.values
  const organisations = agencies.flatMap(({ code }) =>
    siretsIn(sirets[code] ?? '').map((siret) => ({ agency: code, siret })),
  )
  const changed = [
    ...(SIGN_IN_ROLES.some((role) => signIn[role] !== known.signIn[role]) ? ['signIn'] : []),
    ...(JSON.stringify(organisations) === JSON.stringify(inOrder(known, agencies)) ? [] : ['organisations']),
  ]
  const isDirty = changed.length > 0
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const save = useAction(
    () =>
      callApi('setAccessSettings', {
        params: { scheme: scheme.id },
        body: {
          ...(changed.includes('signIn') && { signIn }),
          ...(changed.includes('organisations') && { organisations }),
          reason,
        },
      }),
    {
      form,
      fields: [
        'reason',
        ...SIGN_IN_ROLES.map((role) => `signIn.${role}`),
        ...organisations.map((_, index) => `organisations.${index}.siret`),
      ],
      refresh: [settingChangesQuery(scheme.id).queryKey],
      success: ({ proposed }) => t(proposed === null ? 'access.saved' : 'settingChange.proposed'),
      onSuccess: ({ proposed: _, ...saved }) => {
        client.setQueryData(accessSettingsQuery(scheme.id).queryKey, saved)
        form.setValues(initialValuesOf(saved))
      },
    },
  )
  /** Returns the path of the first wrong number of an agency. */
  const findWrong = (code: string) =>
    organisations
      .map(({ agency }, index) => ({ agency, path: `organisations.${index}.siret` }))
      .find(({ agency, path }) => agency === code && form.errors[path] !== undefined)?.path
  return (
    <form
      className={classes.dues}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending && isDirty) save.mutate()
      }}
    >
      <section className={classes.card} aria-labelledby="entree">
        <h3 id="entree" className={classes.cardTitle}>
          {t('access.signIn')}
        </h3>
        <p className={classes.mute}>{t('access.signIn.what')}</p>
        {SIGN_IN_ROLES.map((role) => (
          <Setting
            key={role}
            name={t(`people.role.${role}`)}
            what={t(`people.role.${role}.what`)}
            shape="text"
          >
            {(described) => (
              <NativeSelect
                {...described}
                {...form.getInputProps(`signIn.${role}`)}
                data={NEEDS.map((need) => ({
                  value: need,
                  label: t(`access.need.${need}`),
                  disabled: need === 'provider' && provider === null,
                }))}
              />
            )}
          </Setting>
        ))}
      </section>
      <section className={classes.card} aria-labelledby="organismes">
        <h3 id="organismes" className={classes.cardTitle}>
          {t('access.organisations')}
        </h3>
        <p className={classes.mute}>
          {provider === null ? t('access.organisations.off') : t('access.organisations.what', { provider })}
        </p>
        {agencies.map(({ code, name }) => {
          const wrong = findWrong(code)
          return (
            <TextInput
              key={code}
              label={name}
              inputMode="numeric"
              autoComplete="off"
              maxLength={400}
              mt={12}
              value={sirets[code] ?? ''}
              data-path={wrong}
              error={wrong !== undefined && t('access.siret')}
              onChange={(event) => {
                if (wrong !== undefined) form.clearFieldError(wrong)
                form.setFieldValue(`sirets.${code}`, event.currentTarget.value)
              }}
            />
          )
        })}
      </section>
      {isDirty && (
        <SecondPerson
          subject="access"
          settings={settingsAt('access', changed)}
          reason={reason}
          onReason={(value) => form.setFieldValue('reason', value)}
          error={form.errors.reason}
        />
      )}
      <SettingActions
        save={save}
        isDirty={isDirty}
        isProposed
        onDiscard={() => {
          form.setValues(initialValuesOf(known))
          save.reset()
        }}
      />
    </form>
  )
}

/** Reads numbers separated by commas or semicolons, with or without spaces inside; others are sent as typed, for the server to report. */
function siretsIn(text: string): string[] {
  return [...new Set(text.split(/[,;]/).map((part) => part.replace(/\s/g, '')))].filter((part) => part !== '')
}

/** Returns the values of the form, with the numbers of each agency as they are typed. */
function initialValuesOf({ signIn, organisations }: AccessSettings) {
  const sirets: Record<string, string> = {}
  for (const { agency, siret } of organisations)
    sirets[agency] = sirets[agency] === undefined ? siret : `${sirets[agency]}, ${siret}`
  return { signIn, sirets, reason: '' }
}

/** Lists the organisations in the order of the form. */
function inOrder({ organisations }: AccessSettings, agencies: readonly { readonly code: string }[]) {
  return agencies.flatMap(({ code }) =>
    organisations.filter(({ agency }) => agency === code).map(({ agency, siret }) => ({ agency, siret })),
  )
}
