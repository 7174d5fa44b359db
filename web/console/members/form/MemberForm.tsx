import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MemberSaved } from '../../../../src/changes/contract.ts'
import type { MemberEdit, NewMember } from '../../../../src/imports/by-hand/contract.ts'
import type { MemberView } from '../../../../src/members/contract.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { useText } from '../../../ui/format/text.ts'
import { nameIn } from '../../../ui/format/trade.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { useSettled } from '../../../ui/useSettled.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useOwnTrades } from '../../shell/ownTrades.ts'
import { memberQuery, membersChanged } from '../queries.ts'
import { CommunePick } from './CommunePick.tsx'
import { Duplicates } from './Duplicates.tsx'
import classes from './MemberForm.module.css'
import { People } from './People.tsx'
import { PostalCodeField } from './PostalCodeField.tsx'
import { checkQuery } from './queries.ts'
import { RegisterField } from './RegisterField.tsx'
import { pickBusiness, type RegisterPick } from './registerPick.ts'
import {
  changedFields,
  emptyValues,
  type FormValues,
  type Overtaken,
  rebaseValues,
  toEdit,
  toNewMember,
  valuesOf,
} from './values.ts'
import { WelcomeChoice } from './WelcomeChoice.tsx'

/** Adds a member, or edits one with its people, in a dialog. Each save can be undone for a day. */
export function MemberForm(props: {
  /** Null: a new member. */
  member: MemberView | null
  /** The correction that the business requested: the form starts with its values, and saving it answers the request. */
  answers?: Pick<MemberEdit, 'answersRequest'> & { readonly values: Partial<FormValues> }
  onClose: () => void
  onUndo: (changeId: string) => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const isPhone = useMediaQuery('(max-width: 760px)') === true
  const trades = useOwnTrades()
  const [id] = useState(newId)
  // The member as the user saw it; replaced once another user has changed it.
  const [base, setBase] = useState(props.member)
  const [before, setBefore] = useState<FormValues>(() =>
    props.member === null
      ? emptyValues(trades.length === 1 ? (trades[0]?.code ?? '') : '')
      : valuesOf(props.member),
  )
  const [overtaken, setOvertaken] = useState<readonly Overtaken[]>([])
  const [isAsking, setAsking] = useState(false)
  const [welcome, setWelcome] = useState<NewMember['welcome']>(null)
  const { values: given, ...answers } = props.answers ?? {}
  const form = useForm<FormValues>({
    initialValues: { ...before, ...given },
  })
  const client = useQueryClient()
  const isDirty = changedFields(before, form.values).length > 0
  const leave = () => (isDirty ? setAsking(true) : props.onClose())

  const save = useAction(
    (): Promise<MemberSaved> =>
      base === null
        ? callApi('createMember', {
            params: { scheme: scheme.id },
            body: toNewMember(id, form.values, welcome),
          })
        : callApi('editMember', {
            params: { scheme: scheme.id, id: base.id },
            body: {
              ...toEdit(base.version ?? '', before, form.values),
              ...answers,
            },
          }),
    {
      form,
      fields: fieldsOf(form.values),
      refresh: [...membersChanged(scheme.id), ['corrections', scheme.id], ['today', scheme.id]],
      onSuccess: ({ member, change }) => {
        client.setQueryData(memberQuery(scheme.id, member.id).queryKey, member)
        const done = t(base === null ? 'memberForm.added' : 'memberForm.saved', { name: member.name })
        void toast(done, change === null ? undefined : () => props.onUndo(change.id))
        props.onClose()
      },
      onError: async (error) => {
        if (base === null || !isRefusal(error, 'member_changed')) return
        const now = await client.fetchQuery({ ...memberQuery(scheme.id, base.id), staleTime: 0 })
        const rebased = rebaseValues(form.values, before, valuesOf(now))
        setBase(now)
        setBefore(valuesOf(now))
        setOvertaken(rebased.overtaken)
        form.setValues(rebased.values)
      },
    },
  )
  return (
    <Modal
      opened
      size={760}
      fullScreen={isPhone}
      transitionProps={{ duration: 0 }}
      onClose={leave}
      title={base === null ? t('memberForm.new') : t('memberForm.edit', { name: base.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!save.isPending) save.mutate()
        }}
      >
        <Business form={form} before={base === null ? null : before} memberId={base?.id ?? null} />
        {base === null && (
          <WelcomeChoice people={form.values.contacts} value={welcome} onChoose={setWelcome} />
        )}
        <OvertakenNotice overtaken={overtaken} />
        <Failure error={save.failure} />
        <DialogButtons onBack={leave} back={t('action.cancel')} disabled={save.isPending}>
          <Button type="submit" loading={save.isPending} disabled={base !== null && !isDirty}>
            {t(base === null ? 'memberForm.add' : 'memberForm.save')}
          </Button>
        </DialogButtons>
      </form>
      {isAsking && <AskToLeave onStay={() => setAsking(false)} onLeave={props.onClose} />}
    </Modal>
  )
}

/** The paths at which the form shows problems itself. */
function fieldsOf({ contacts }: FormValues): string[] {
  const people = contacts.flatMap((_, i) => ['person', 'phone', 'mail'].map((one) => `contacts.${i}.${one}`))
  return [
    'siret',
    'name',
    'trade',
    'commune',
    'address',
    'postalCode',
    'joinedOn',
    'charterOn',
    'contacts',
    ...people,
  ]
}

type LineField = 'siret' | 'name' | 'address' | 'postalCode' | 'joinedOn' | 'charterOn'

/** The fields of a business and its people, with notices about possible duplicates and numbers. */
function Business(props: {
  form: UseFormReturnType<FormValues>
  /** The stored values; null for a new member. */
  before: FormValues | null
  memberId: string | null
}) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { form, before } = props
  const { values } = form
  const trades = useOwnTrades()
  const [picked, setPicked] = useState<RegisterPick | null>(null)
  const keys = {
    memberId: props.memberId,
    siret: values.siret,
    name: values.name.trim(),
    commune: values.commune?.code ?? '',
    phones: values.contacts.map(({ phone }) => phone),
  }
  const settled = useSettled(keys, 350)
  const isTyped = [keys.siret, keys.name, ...keys.phones].some((text) => text.trim() !== '')
  const isWanted = isTyped && (before === null || changedFields(before, values).length > 0)
  const checked = useQuery(checkQuery(scheme.id, settled, isWanted)).data
  const was = (field: LineField) =>
    before === null || before[field] === values[field]
      ? undefined
      : t('memberForm.before', { value: before[field] === '' ? t('member.unknown') : before[field] })
  const line = (field: LineField) => ({
    description: was(field),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as (
      | 'label'
      | 'input'
      | 'description'
      | 'error'
    )[],
    ...form.getInputProps(field),
  })
  return (
    <>
      <RegisterField
        schemeId={scheme.id}
        isFirst={before === null}
        onUnknown={(typed) => {
          const field = /\d{9}/.test(typed.replace(/[\s.]/g, '')) ? 'siret' : 'name'
          if (values[field].trim() === '') form.setFieldValue(field, typed)
        }}
        onPick={(business) => {
          const next = pickBusiness(values, picked, business)
          setPicked(next)
          form.setValues(next.after)
        }}
      />
      <div className={classes.pair}>
        <TextInput
          label={t('members.name')}
          required
          autoComplete="off"
          maxLength={200}
          {...(before !== null && { 'data-autofocus': true })}
          {...line('name')}
        />
        <NativeSelect
          label={t('members.trade')}
          required
          {...form.getInputProps('trade')}
          data={[
            { value: '', label: t('join.trade.choose') },
            ...trades.map((one) => ({ value: one.code, label: nameIn(lang, one) })),
          ]}
        />
        <TextInput
          label={t('memberForm.address')}
          autoComplete="off"
          maxLength={200}
          {...line('address')}
          onChange={(event) => form.setValues({ address: event.currentTarget.value, point: null })}
        />
        <CommunePick
          schemeId={scheme.id}
          value={values.commune}
          onPick={(commune) => {
            // The same commune again changes nothing.
            if (commune?.code !== values.commune?.code)
              form.setValues({ commune, postalCode: '', point: null })
          }}
          error={form.errors.commune}
          description={
            before === null || before.commune?.code === values.commune?.code
              ? undefined
              : t('memberForm.before', { value: before.commune?.name ?? '' })
          }
        />
        <PostalCodeField
          schemeId={scheme.id}
          commune={values.commune}
          isChanged={before === null || before.commune?.code !== values.commune?.code}
          {...line('postalCode')}
        />
        <TextInput label={t('member.siret')} autoComplete="off" maxLength={40} {...line('siret')} />
        <DateField kind="day" label={t('member.joined')} {...line('joinedOn')} />
        <DateField kind="day" label={t('memberForm.field.charterOn')} {...line('charterOn')} />
      </div>
      <People form={form} before={before?.contacts ?? []} phones={checked?.phones ?? []} />
      <Duplicates duplicates={isWanted ? (checked?.duplicates ?? []) : []} />
    </>
  )
}

/** Shows the values that another user stored while the form was open. */
function OvertakenNotice({ overtaken }: { overtaken: readonly Overtaken[] }) {
  const { t } = useText()
  if (overtaken.length === 0) return null
  return (
    <section className={classes.doubles} role="alert" aria-label={t('memberForm.overtaken')}>
      <b>{t('memberForm.overtaken')}</b>
      <ul>
        {overtaken.map(({ field, before, now }) => (
          <li key={field}>
            <span>
              {t('memberForm.overtaken.line', {
                field: t(`memberForm.field.${field}`),
                before: before === '' ? t('member.unknown') : before,
                now: now === '' ? t('member.unknown') : now,
              })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Asks for confirmation before typed values are lost. */
function AskToLeave(props: { onStay: () => void; onLeave: () => void }) {
  const { t } = useText()
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onStay}
      size={440}
      title={t('settings.leave')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <p>{t('memberForm.leave.what')}</p>
      <DialogButtons onBack={props.onLeave} back={t('settings.leave.go')}>
        <Button data-autofocus onClick={props.onStay}>
          {t('settings.leave.stay')}
        </Button>
      </DialogButtons>
    </Modal>
  )
}
