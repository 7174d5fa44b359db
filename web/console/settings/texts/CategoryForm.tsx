import { Button, Drawer, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { type FormEvent, useState } from 'react'
import { yearIn } from '../../../../src/message/clock.ts'
import { unknownReference, withReference } from '../../../../src/message/reference.ts'
import type { CategoryFields, CategoryItem } from '../../../../src/schemes/categories/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { variablesOf } from '../../../../src/schemes/texts/compose.ts'
import { proposeText } from '../../../../src/schemes/texts/proposal.ts'
import { templateRefusals } from '../../../../src/schemes/texts/templates.ts'
import type { SettingName } from '../../../../src/settings/rules.ts'
import { callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import { newId } from '../../../api/ids.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { type TextKey, useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { categoriesQuery } from './queries.ts'
import { TextPreview } from './TextPreview.tsx'
import classes from './Texts.module.css'
import { useInsertion, Variables } from './Variables.tsx'
import { AREAS, LEVELS, SEVERITIES, VARIABLES } from './words.ts'

const BLANK: CategoryFields = {
  labelFr: '',
  labelEn: '',
  severity: 'alert',
  level: 'established',
  area: null,
  template: '',
}
/** Facts for the example, in French as every message is. */
const FACTS = 'deux hommes, partis à pied'
const MINUTES_AGO = 10
const REFUSALS: Readonly<Record<string, TextKey>> = {
  'template.unknown_variable': 'texts.problem.unknown',
  'template.empty': 'texts.problem.empty',
  'template.braces': 'texts.problem.braces',
}

/** Adds a category, or changes one, with the message that its text gives. */
export function CategoryForm(props: {
  scheme: SchemeView
  /** A commune for the example. */
  example: string
  /** Null: a new category. */
  category: CategoryItem | null
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme, category, onClose } = props
  /** The same values again, after a lost answer, are the same request. */
  const [id, setId] = useState(newId)
  const form = useForm({
    initialValues: { ...fieldsOf(category ?? BLANK), reason: '' },
    onValuesChange: () => setId(newId()),
  })
  const { reason, ...fields } = form.values
  const settings = changedSettings(category, fields)
  const save = useAction(
    () => {
      const body = { ...fields, reason }
      return category === null
        ? callApi('addCategory', { params: { scheme: scheme.id }, body: { id, ...body } })
        : callApi('changeCategory', {
            params: { scheme: scheme.id, code: category.code },
            body: { ...body, version: category.version },
          })
    },
    {
      form,
      refresh: [
        categoriesQuery(scheme.id).queryKey,
        schemeQuery(scheme.id).queryKey,
        settingChangesQuery(scheme.id).queryKey,
      ],
      refreshAfterFailure: [categoriesQuery(scheme.id).queryKey],
      success: ({ proposed }) => t(proposed === null ? 'texts.saved' : 'settingChange.proposed'),
      onSuccess: onClose,
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending && settings.length > 0) save.mutate()
  }
  const hasEnglish = scheme.languages.includes('en')
  const isGoverned = settings.some((setting) => setting !== 'categories.label')
  return (
    <Drawer
      opened
      transitionProps={{ duration: 0 }}
      position="right"
      size={620}
      onClose={onClose}
      title={t(category === null ? 'texts.add' : 'texts.change')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form className={classes.form} noValidate onSubmit={submit}>
        <div className={classes.pair}>
          <TextInput
            data-autofocus
            label={t('texts.labelFr')}
            required
            maxLength={80}
            autoComplete="off"
            {...form.getInputProps('labelFr')}
          />
          <TextInput
            label={t('texts.labelEn')}
            description={t(hasEnglish ? 'texts.labelEn.what' : 'texts.labelEn.optional')}
            required={hasEnglish}
            maxLength={80}
            autoComplete="off"
            {...form.getInputProps('labelEn')}
          />
          <Choice form={form} name="severity" label={t('texts.severity')} words={SEVERITIES} />
          <Choice form={form} name="level" label={t('texts.level')} words={LEVELS} />
        </div>
        <NativeSelect
          label={t('texts.area')}
          description={t('texts.area.what')}
          data={Object.entries(AREAS).map(([value, key]) => ({ value, label: t(key) }))}
          {...form.getInputProps('area')}
          value={fields.area ?? 'commune'}
          onChange={({ currentTarget: { value } }) =>
            form.setFieldValue('area', value === 'commune' ? null : (value as keyof typeof AREAS))
          }
        />
        <Template form={form} />
        <TextPreview sender={scheme.sender} text={exampleOf(scheme, fields, props.example)} />
        {settings.length > 0 && (
          <SecondPerson
            subject="categories"
            settings={settings}
            reason={reason}
            onReason={(value) => form.setFieldValue('reason', value)}
            error={save.problemAt('reason')}
          />
        )}
        <Failure error={save.failure} />
        <DialogButtons onBack={onClose} back={t('action.cancel')}>
          <Button type="submit" loading={save.isPending} disabled={settings.length === 0}>
            {t(isGoverned ? 'settingChange.propose' : 'settings.save')}
          </Button>
        </DialogButtons>
      </form>
    </Drawer>
  )
}

type FormOf = ReturnType<typeof useForm<CategoryFields & { reason: string }>>

function Choice(props: {
  form: FormOf
  name: 'severity' | 'level'
  label: string
  words: Readonly<Record<string, TextKey>>
}) {
  const { t } = useText()
  return (
    <NativeSelect
      label={props.label}
      data={Object.entries(props.words).map(([value, key]) => ({ value, label: t(key) }))}
      {...props.form.getInputProps(props.name)}
    />
  )
}

/** The text, what of it is refused while it is typed, and buttons that insert its variables. */
function Template(props: { form: FormOf }) {
  const { t } = useText()
  const { form } = props
  const { template } = form.values
  const insertion = useInsertion(template, (text) => form.setFieldValue('template', text))
  const refusals = template === '' ? [] : templateRefusals(template, 'template')
  return (
    <div>
      <Textarea
        ref={insertion.field}
        label={t('texts.template')}
        description={t('texts.template.what')}
        required
        autosize
        minRows={2}
        maxRows={6}
        maxLength={300}
        {...form.getInputProps('template')}
      />
      <div aria-live="polite">
        {form.errors.template === undefined &&
          refusals.map(({ code, values }) => (
            <p key={`${code} ${values?.name}`} className={classes.wrong}>
              {t(REFUSALS[code] ?? 'texts.problem.empty', { name: String(values?.name ?? '') })}
            </p>
          ))}
      </div>
      <Variables words={VARIABLES} onInsert={insertion.insert} />
    </div>
  )
}

function fieldsOf({ labelFr, labelEn, severity, level, area, template }: CategoryFields): CategoryFields {
  return { labelFr, labelEn, severity, level, area, template }
}

/** Returns the settings that saving would change. */
function changedSettings(category: CategoryItem | null, fields: CategoryFields): SettingName[] {
  if (category === null) return ['categories.add']
  const isChanged = (names: readonly (keyof CategoryFields)[]) =>
    names.some((name) => fields[name] !== category[name])
  return [
    ...(isChanged(['labelFr', 'severity', 'level', 'template']) ? (['categories.change'] as const) : []),
    ...(isChanged(['labelEn', 'area']) ? (['categories.label'] as const) : []),
  ]
}

/** Returns the message that the text gives for a call of a few minutes ago, as the alert room would propose it. */
function exampleOf(scheme: SchemeView, fields: CategoryFields, commune: string): string {
  if (fields.template.trim() === '') return ''
  const now = serverNow()
  const variables = variablesOf(fields.template)
  const category = { ...fields, code: 'example', position: 1 }
  const [trade] = scheme.trades
  const text = proposeText(
    { ...scheme, categories: [category] },
    {
      categoryCode: category.code,
      commune: commune === '' ? null : { name: commune },
      place: '',
      areaWords: null,
      occurredAt: now - MINUTES_AGO * 60_000,
      now,
      trades: trade !== undefined && variables.includes('metier') ? [trade.code] : [],
      facts: variables.includes('faits') ? FACTS : '',
    },
  )
  const reference = unknownReference(scheme.referencePrefix, yearIn(scheme.timeZone, now), false)
  return withReference(text, reference, scheme.doctrine.leakTracing)
}
