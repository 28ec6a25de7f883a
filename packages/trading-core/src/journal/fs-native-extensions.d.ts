declare module "fs-native-extensions" {
  interface LockOptions {
    shared?: boolean;
  }
  const extensions: {
    /** Takes a kernel lock on a byte range of an open file; false when another open file holds it. */
    tryLock(fd: number, offset?: number, length?: number, options?: LockOptions): boolean;
    unlock(fd: number, offset?: number, length?: number): void;
  };
  export default extensions;
}
