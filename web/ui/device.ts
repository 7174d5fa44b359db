/** Returns whether the device is used by touch: texts then speak of fingers rather than of keys. */
export function isTouchDevice(): boolean {
  return matchMedia('(pointer: coarse)').matches
}
