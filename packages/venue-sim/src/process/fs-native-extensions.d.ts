declare module "fs-native-extensions" {
  /** Takes a kernel lock on a byte range of an open file; false when somebody else has it. */
  export function tryLock(
    descriptor: number,
    offset?: number,
    length?: number,
    options?: { shared?: boolean },
  ): boolean;
  export function unlock(descriptor: number, offset?: number, length?: number): void;
}
