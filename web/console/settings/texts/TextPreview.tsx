import { PART_UNITS, segmentMessage } from '../../../../src/message/segment.ts'
import { timeOf } from '../../../ui/format.ts'
import { useMinute } from '../../../ui/now.ts'
import { PhonePreview } from '../../../ui/PhonePreview.tsx'
import { useText } from '../../../ui/text.ts'
import classes from './Texts.module.css'

/** Lists the characters of a text for which no letter of GSM-7 stands. */
function rareIn(text: string): string[] {
  const characters = new Set(Array.from(new Intl.Segmenter('fr').segment(text), (one) => one.segment))
  return [...characters].filter((one) => segmentMessage(one, { fold: true }).encoding === 'UCS-2')
}

/** Shows a text as a phone will, in how many parts, and which letters are replaced or make it dearer. */
export function TextPreview(props: { sender: string; text: string }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { parts, units, encoding, replaced } = segmentMessage(props.text, { fold: true })
  const limits = PART_UNITS[encoding]
  const room = parts.length === 1 ? limits.single : limits.multi * parts.length
  return (
    <div className={classes.preview}>
      <PhonePreview
        label={t('room.preview')}
        sender={props.sender}
        time={timeOf(lang, now)}
        text={parts.join('')}
        empty={t('room.preview.empty')}
      />
      <p className={classes.count} aria-live="polite">
        {t('room.message.count', { units, room, parts: parts.length, encoding })}
      </p>
      {replaced.length > 0 && (
        <p>
          {t('room.message.replaced')}{' '}
          {replaced.map(({ from, to }, index) => (
            <span key={from}>
              {index > 0 && ', '}
              <b>{from === '\n' ? '↵' : from}</b> → <b>{to === '' ? t('room.message.removed') : to}</b>
            </span>
          ))}
        </p>
      )}
      {encoding === 'UCS-2' && (
        <p className={classes.warn}>{t('room.message.rare', { characters: rareIn(props.text).join(' ') })}</p>
      )}
    </div>
  )
}
