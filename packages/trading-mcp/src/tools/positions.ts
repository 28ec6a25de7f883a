import * as z from "zod";
import { capped, isoOrNull, positionFields, texts } from "../format.ts";
import { READS } from "./annotations.ts";
import { defineTool } from "./define-tool.ts";
import { omitted, position, text } from "./outputs.ts";
import { readOrThrow } from "./read.ts";

/** More rows than this would fill a model's context, not its knowledge. */
export const MAX_POSITIONS = 200;

export const positions = defineTool({
  name: "positions",
  title: "Positions",
  description:
    "What the account holds: quantity in shares or units (negative for a short), cost and market values in the position's currency. Corrected by this server's own fills where the venue lags. Orders that rest on a position are in open_orders. To leave a position use close_position.",
  input: z.strictObject({}),
  output: z.object({ positions: z.array(position), omitted, as_of: text, warnings: z.array(z.string()) }),
  annotations: READS,
  kind: "read",
  async handler(_args, context) {
    const { guard } = await context.venue();
    const reading = await guard.positions();
    const { shown, omitted } = capped(readOrThrow(reading, "positions_unread", "Positions"), MAX_POSITIONS);
    return {
      positions: shown.map(positionFields),
      omitted,
      as_of: reading.kind === "read" ? isoOrNull(reading.began) : null,
      warnings: texts(reading.warnings ?? [], 500),
    };
  },
});
