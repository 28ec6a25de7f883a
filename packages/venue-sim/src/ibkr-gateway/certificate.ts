import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";

export interface Certificate {
  /** PEM. */
  key: string;
  /** PEM; self-signed, so it is its own authority. */
  certificate: string;
}

/** A certificate for loopback, which a client has to pin: nobody vouches for it. */
export async function createCertificate(): Promise<Certificate> {
  const end = new Date();
  end.setFullYear(end.getFullYear() + 10);
  const pems = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate: end,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  return { key: pems.private, certificate: pems.cert };
}

const KEY_FILE = "simulator-key.pem";
const CERTIFICATE_FILE = "simulator-certificate.pem";

/** The folder's certificate, made on first use. Only the folder's lock holder may call this. */
export async function certificateIn(folder: string): Promise<Certificate> {
  const keyPath = join(folder, KEY_FILE);
  const certificatePath = join(folder, CERTIFICATE_FILE);
  if (existsSync(keyPath) && existsSync(certificatePath)) {
    return { key: readFileSync(keyPath, "utf8"), certificate: readFileSync(certificatePath, "utf8") };
  }
  const made = await createCertificate();
  // The certificate comes last: a folder that has it has the key as well.
  writeFileSync(keyPath, made.key, { mode: 0o600 });
  writeFileSync(certificatePath, made.certificate, { mode: 0o600 });
  return made;
}
