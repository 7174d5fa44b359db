/** The source of contours when no file is given; src/gateways/geo implements it. */
export interface ContourSource {
  /** A host or a file name, for people and for the record of the import. */
  readonly name: string
  /**
   * Fetches the communes of a département as the bytes of a GeoJSON FeatureCollection.
   * @throws AppError `source_unreachable`, `file_too_large`; the signal's reason when it is aborted
   */
  fetchContours(departementCode: string, signal?: AbortSignal): Promise<Uint8Array>
}
