import { lazyRouteComponent } from '@tanstack/react-router'
import type { FunctionComponent } from 'react'

/** The browser's message for a module that is gone, and the builder's for a style sheet that the module needs. */
const MODULE_GONE = 'Failed to fetch dynamically imported module'
const STYLES_GONE = 'Unable to preload CSS'

/**
 * Makes a component that is loaded when it is first shown. If its file is gone, as after a release, the page is loaded again, once:
 * that of the new release names other files.
 */
export function lazyPart<Props>(importPart: () => Promise<FunctionComponent<Props>>) {
  return lazyRouteComponent(async () => ({ default: await importPart().catch(throwAsModule) }))
}

/** Throws the error that the router knows for a gone style sheet too. */
function throwAsModule(error: unknown): never {
  if (error instanceof Error && error.message.startsWith(STYLES_GONE))
    throw new Error(`${MODULE_GONE}: ${error.message}`, { cause: error })
  throw error
}
