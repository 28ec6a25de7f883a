import type { Clock } from "../market/clock.ts";
import type { OrderChanges } from "../market/events.ts";
import type { Question } from "./questions.ts";
import type { Ticket } from "./tickets.ts";

/** An order call that waits for answers. */
export interface Conversation {
  replyId: string;
  account: string;
  tickets: { id: number; ticket: Ticket }[];
  /** Set when the call was a modification of this order. */
  modification: { id: number; changes: OrderChanges } | null;
  /** What is still to be asked; the first one is on the table. */
  questions: Question[];
  askedAt: number;
  /** How many of its tickets reach the book, where a fault holds some back. */
  landing?: number;
}

/** A ticket whose question stayed unanswered: seen in lists for a while, never transmitted. */
export interface InactiveTicket {
  id: number;
  ticket: Ticket;
  askedAt: number;
}

/**
 * The venue holds one conversation at a time. Any other order call ends it: its reply id is then
 * unknown, while its ticket lingers.
 */
export interface Conversations {
  open(conversation: Conversation): void;
  /** The open conversation with this reply id, which thereby leaves the table. */
  take(replyId: string): Conversation | null;
  /** Another order call came in. */
  interrupt(): void;
  /** Unanswered tickets that have not vanished yet. */
  inactive(): InactiveTicket[];
  inactiveTicket(id: number): InactiveTicket | null;
  forgetTickets(ids: number[]): void;
  clear(): void;
}

export function createConversations(clock: Clock, ticketLifetime: () => number): Conversations {
  let current: Conversation | null = null;
  let tickets: InactiveTicket[] = [];

  function inactive(): InactiveTicket[] {
    tickets = tickets.filter((ticket) => clock.now() - ticket.askedAt < ticketLifetime());
    return tickets;
  }

  return {
    open: (conversation) => {
      current = conversation;
      const known = new Set(tickets.map(({ id }) => id));
      for (const { id, ticket } of conversation.tickets) {
        if (!known.has(id) && conversation.modification === null) {
          tickets.push({ id, ticket, askedAt: conversation.askedAt });
        }
      }
    },
    take: (replyId) => {
      if (current === null || current.replyId !== replyId) return null;
      const taken = current;
      current = null;
      // A question does not outlive its ticket.
      return clock.now() - taken.askedAt < ticketLifetime() ? taken : null;
    },
    interrupt: () => {
      current = null;
    },
    inactive,
    inactiveTicket: (id) => inactive().find((ticket) => ticket.id === id) ?? null,
    forgetTickets: (ids) => {
      tickets = tickets.filter((ticket) => !ids.includes(ticket.id));
    },
    clear: () => {
      current = null;
      tickets = [];
    },
  };
}
