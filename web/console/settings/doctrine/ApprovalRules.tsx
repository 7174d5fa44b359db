import { Button, Chip, NativeSelect } from '@mantine/core'
import IconPlus from '@tabler/icons-react/icons/IconPlus'
import IconTrash from '@tabler/icons-react/icons/IconTrash'
import { useId, useRef, useState } from 'react'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { ContentLevel, DoctrineSettings } from '../../../../src/schemes/doctrine.ts'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { levels } from '../../room/doctrine/doctrine.ts'
import classes from '../Settings.module.css'

type Rules = DoctrineSettings['approval']
type Rule = Rules[number]

export const severities = ['vital', 'alert', 'notice'] as const

/** The conditions of a new rule: everything. */
const NEW: Rule = { categories: 'all', severities: 'all' }

/** From the lowest level on, a rule covers all of them. */
function isEveryLevel(level: ContentLevel | undefined): level is 'prevention' | undefined {
  return level === undefined || level === levels[0]
}

/** Describes a rule of approval as text. */
export function useRuleInWords(scheme: Pick<SchemeView, 'categories'>): (rule: Rule) => string {
  const { t, lang } = useText()
  const list = (names: string[]) => new Intl.ListFormat(lang, { type: 'disjunction' }).format(names)
  const nameOf = (code: string) => {
    const category = scheme.categories.find((one) => one.code === code)
    return category === undefined ? code : labelOf(lang, category)
  }
  return ({ categories, severities, level }) => {
    const words = [
      categories === 'all' ? t('settings.rule.categories.all') : list(categories.map(nameOf)),
      severities === 'all'
        ? t('settings.rule.severities.all')
        : list(severities.map((one) => t(`settings.severity.${one}`))),
      isEveryLevel(level) ? t('settings.rule.levels.all') : t(`settings.rule.from.${level}`),
    ]
      .filter((part) => part !== '')
      .join(', ')
      .toLocaleLowerCase(lang)
    return words.charAt(0).toLocaleUpperCase(lang) + words.slice(1)
  }
}

/** The rules by which an alert requires a second person: it does if any of them applies. */
export function ApprovalRules(props: {
  scheme: SchemeView
  rules: Rules
  problem: (path: string) => string | undefined
  onChange: (rules: Rules) => void
}) {
  const { t } = useText()
  const { rules, onChange } = props
  const inWords = useRuleInWords(props.scheme)
  const add = useRef<HTMLButtonElement>(null)
  /** The rule being edited; the others are shown as text. */
  const [opened, setOpened] = useState<number | null>(null)
  return (
    <div className={classes.rules}>
      {rules.map((rule, index) => (
        <RuleFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is nothing but its place
          key={index}
          number={index + 1}
          scheme={props.scheme}
          rule={rule}
          words={inWords(rule)}
          isOpen={index === opened}
          onOpen={(isOpen) => setOpened(isOpen ? index : null)}
          problem={(name) => props.problem(`approval.${index}.${name}`)}
          onChange={(changed) => onChange(rules.map((one, at) => (at === index ? changed : one)))}
          onRemove={() => {
            onChange(rules.filter((_, at) => at !== index))
            setOpened(null)
            add.current?.focus()
          }}
        />
      ))}
      {rules.length === 0 && <p className={classes.mute}>{t('settings.rules.none')}</p>}
      <div>
        <Button
          ref={add}
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => {
            onChange([...rules, NEW])
            setOpened(rules.length)
          }}
        >
          {t('settings.rule.add')}
        </Button>
      </div>
    </div>
  )
}

function RuleFields(props: {
  number: number
  scheme: SchemeView
  rule: Rule
  words: string
  isOpen: boolean
  onOpen: (isOpen: boolean) => void
  problem: (name: string) => string | undefined
  onChange: (rule: Rule) => void
  onRemove: () => void
}) {
  const { t, lang } = useText()
  const title = useId()
  const fields = useId()
  const { rule, scheme, onChange, number, isOpen } = props
  const chosen = rule.categories === 'all' ? [] : rule.categories
  // A category that the scheme no longer has can still be deselected.
  const gone = chosen.filter((code) => !scheme.categories.some((one) => one.code === code))
  const problems = {
    categories: props.problem('categories') ?? chosenProblem(props.problem, chosen.length),
    severities: props.problem('severities'),
  }
  // Problems of a rule are shown below its text too.
  const isWrong = problems.categories !== undefined || problems.severities !== undefined
  return (
    <fieldset className={classes.rule} data-wrong={isWrong || undefined} aria-labelledby={title}>
      <div className={classes.ruleHead}>
        <p id={title}>
          <b>{t('settings.rule.title', { number })}</b>
          <span>{props.words}</span>
        </p>
        <Button
          variant="subtle"
          size="compact-sm"
          aria-expanded={isOpen}
          aria-controls={isOpen ? fields : undefined}
          className={classes.ruleAct ?? ''}
          aria-label={t(isOpen ? 'settings.rule.close.label' : 'settings.rule.open.label', { number })}
          onClick={() => props.onOpen(!isOpen)}
        >
          {t(isOpen ? 'settings.rule.close' : 'settings.rule.open')}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconTrash size={16} aria-hidden />}
          className={classes.ruleAct ?? ''}
          aria-label={t('settings.rule.remove.label', { number })}
          onClick={props.onRemove}
        >
          {t('settings.rule.remove')}
        </Button>
      </div>
      {(isOpen || isWrong) && (
        <div id={fields} className={classes.ruleFields}>
          <Choices
            label={t('settings.rule.categories')}
            all={t('settings.rule.all.f')}
            options={[
              ...scheme.categories.map((one) => ({ value: one.code, label: labelOf(lang, one) })),
              ...gone.map((code) => ({ value: code, label: code })),
            ]}
            chosen={rule.categories}
            error={problems.categories}
            onChange={(categories) => onChange({ ...rule, categories })}
          />
          <Choices
            label={t('settings.rule.severities')}
            all={t('settings.rule.all.f')}
            options={severities.map((one) => ({ value: one, label: t(`settings.severity.${one}`) }))}
            chosen={rule.severities}
            error={problems.severities}
            onChange={(severities) => onChange({ ...rule, severities: severities as Rule['severities'] })}
          />
          <NativeSelect
            className={classes.level ?? ''}
            label={t('settings.rule.level')}
            value={isEveryLevel(rule.level) ? '' : rule.level}
            data={[
              { value: '', label: t('settings.rule.all.m') },
              ...levels.slice(1).map((one) => ({ value: one, label: t(`doctrine.level.${one}`) })),
            ]}
            onChange={(event) => {
              const { level: _, ...others } = rule
              const level = event.currentTarget.value
              onChange(level === '' ? others : { ...others, level: level as ContentLevel })
            }}
          />
        </div>
      )}
    </fieldset>
  )
}

/** Moves the server's problem with one category to its field. */
function chosenProblem(problem: (name: string) => string | undefined, count: number): string | undefined {
  for (let at = 0; at < count; at++) {
    const words = problem(`categories.${at}`)
    if (words !== undefined) return words
  }
  return undefined
}

/** All or some: selecting one of them ends "all". */
function Choices(props: {
  label: string
  all: string
  options: readonly { readonly value: string; readonly label: string }[]
  chosen: 'all' | readonly string[]
  error: string | undefined
  onChange: (chosen: 'all' | string[]) => void
}) {
  const id = useId()
  const { chosen } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset in a fieldset is read twice
    <div
      role="group"
      aria-labelledby={id}
      className={classes.choices}
      data-wrong={props.error !== undefined || undefined}
      tabIndex={-1}
    >
      <span id={id} className={classes.label}>
        {props.label}
      </span>
      <div className={classes.chips}>
        <Chip
          variant="outline"
          checked={chosen === 'all'}
          onChange={(isAll) => props.onChange(isAll ? 'all' : [])}
        >
          {props.all}
        </Chip>
        {props.options.map(({ value, label }) => (
          <Chip
            key={value}
            variant="outline"
            checked={chosen !== 'all' && chosen.includes(value)}
            onChange={(isOn) => {
              const others = chosen === 'all' ? [] : chosen.filter((one) => one !== value)
              props.onChange(isOn ? [...others, value] : others)
            }}
          >
            {label}
          </Chip>
        ))}
      </div>
      {props.error !== undefined && (
        <p className={classes.error} role="alert">
          {props.error}
        </p>
      )}
    </div>
  )
}
