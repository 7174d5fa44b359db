import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { useText } from '../format/text.ts'
import { Failure } from '../Notice.tsx'
import { Page } from '../Page.tsx'

/** An error boundary around a part of a screen: the rest keeps working. */
export class Boundary extends Component<{ fallback: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }
  static getDerivedStateFromError() {
    return { failed: true }
  }
  override render() {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}

/** Replaces a screen that failed to render. */
export function BrokenPage(props: { error: unknown; reset: () => void }) {
  const { t } = useText()
  return (
    <Page title={t('broken.title')}>
      <Failure error={props.error}>
        <p>{t('broken.hint')}</p>
      </Failure>
      <div>
        <Button onClick={() => location.reload()}>{t('action.reload')}</Button>
      </div>
    </Page>
  )
}
