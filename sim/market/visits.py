"""The visit desk: takes orders, lets the firm's dispatcher act, and carries visits through the day.

The desk is the only one that changes plans. It checks every action of a dispatcher, asks the worker, enters
departures, arrivals and ends into the calendar, and closes orders with the reason that bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import MINUTES_PER_DAY, Kind
from sim.dispatch.interface import Action, Assign, Defer, OfferPool, Reject, SetPlan
from sim.market import orders as order_steps
from sim.market import plans
from sim.market import visit_steps as steps
from sim.market.booking import Booking, offer_other_times, place
from sim.market.offers import first_answer
from sim.market.replan import replan
from sim.market.view import MarketView
from sim.vocabulary import NO_ROW, OrderState, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.dispatch.interface import Dispatcher
    from sim.market.market import Market

_DROPPED_AT_MOST = 32
_DEFERRED = 1  # stamp of a dispatcher's call at the end of a deferral, which is no epoch
_REASONS = frozenset(map(int, Reason))
_KEY_MASK = 2**62 - 1
# Plain integers: an attribute of an enumeration costs a look-up in each of a hundred million events.
_OPEN, _OFFERED, _ASSIGNED = int(OrderState.OPEN), int(OrderState.OFFERED), int(OrderState.ASSIGNED)
_BEFORE_THE_TRIP = frozenset({_OPEN, _OFFERED, _ASSIGNED})
_DEPART, _ARRIVE, _FINISH = int(Kind.DEPART), int(Kind.ARRIVE), int(Kind.FINISH)


class VisitDesk:
    """Carries visit orders from the request to their end.

    Args:
        market: The shared working memory.
        dispatchers: The dispatcher of each company, by company row.

    Attributes:
        ask_elsewhere: Called with the row of an open order that nobody takes in time; returns whether the household has
            taken its need to another firm, which ends the order.
        on_complaint: Called with the row of a completed visit about which the household complains.
    """

    def __init__(self, market: Market, dispatchers: Sequence[Dispatcher]) -> None:
        self.market = market
        self.dispatchers = dispatchers
        self.view = MarketView(market)
        self.ask_elsewhere: Callable[[int], bool] = lambda _order: False
        self.on_complaint: Callable[[int], None] = lambda _order: None
        self._dropped = np.empty(_DROPPED_AT_MOST, np.int32)
        self._orders, self._workers = market.table("orders"), market.table("workers")
        rules = market.visit_rules
        self._trip_noise_cv = float(market.world.travel["noise_cv"][0])
        self._assign_rules = steps.AssignRules(rules.acceptance_noise_sd, rules.wait_smoothing)
        clock = market.clock
        clock.handle(Kind.DEPART, self.on_depart)
        clock.handle(Kind.ARRIVE, self.on_arrive)
        clock.handle(Kind.FINISH, self.on_finish)
        clock.handle(Kind.CONFIRM, self.on_confirm)
        clock.handle(Kind.CANCEL, self.on_cancel)
        clock.handle(Kind.RESPONSE, self.on_response)
        clock.handle(Kind.DISPATCH, self.on_dispatch)

    def place(self, booking: Booking) -> int:
        """Take a booking as a new order and return its row.

        It goes to the household's regular worker if there is one and it fits into the plan, else to the dispatcher.
        """
        market, rules = self.market, self.market.visit_rules
        order = market.add("orders")
        cancel_min = place(
            market.columns, order, booking, market.now_min, rules.confirm_within_min, rules.cancel_probability,
            market.seed,
        )  # fmt: skip
        if cancel_min < math.inf:
            market.clock.at(cancel_min, Kind.CANCEL, order, int(booking.key) & _KEY_MASK)
        if booking.regular == NO_ROW or not self.assign_if_fits(order, booking.regular):
            self._offer(order, booking.company)
        return order

    def offer_to_dispatch(self, order: int, company: int) -> None:
        """Let the firm's dispatcher act on an open order; enter its confirmation if it stays open.

        An order that as many workers have refused or failed as may be asked waits until its start is moved: the order
        remembers only the last of them, and would go round among them for ever.
        """
        row = self._orders.rows[order]
        if row["confirm_by_min"] <= self.market.now_min:
            row["confirm_by_min"] = self._confirm_by(order)
        if row["offers"] < self.market.visit_rules.offers_at_most * (row["days_shifted"] + 1):
            self._offer(order, company)
        else:
            self._wait(order, company, self.dispatchers[company].triggers.every_min)

    def _offer(self, order: int, company: int) -> None:
        triggers = self.dispatchers[company].triggers
        if triggers.on_placed:
            self._decide(company, np.array([order], np.int32))
        if self._orders.rows["state"][order] == _OPEN:
            self._wait(order, company, triggers.every_min)

    def assign_if_fits(self, order: int, worker: int) -> bool:
        """Give an open order to a worker who need not be asked (any more), if it fits into the plan."""
        market = self.market
        reason, leave, stamp = steps.assign_if_fits(
            market.columns, market.index, worker, order, market.now_min, market.visit_rules.wait_smoothing
        )
        if leave < math.inf:
            market.clock.at(leave, _DEPART, worker, stamp)
        if reason:
            self._orders.rows["reason"][order] = reason
        return not reason

    def close(self, order: int, state: OrderState, reason: Reason) -> None:
        """End an order that has not begun."""
        market = self.market
        worker, leave, stamp = steps.close(
            market.columns, order, int(state), int(reason), market.now_min, market.visit_rules.wait_smoothing
        )
        if leave < math.inf:
            market.clock.at(leave, _DEPART, worker, stamp)
        self._file(order)

    def release(self, worker: int, order: int, reason: Reason) -> None:
        """Take an order that has not begun from its worker and look for another one."""
        market = self.market
        if plans.remove(market.columns, worker, order) == 0:
            market.rows("workers")["stamp"][worker] += 1
            self._plan_departure(worker)
        steps.release(market.columns, order, int(reason), market.now_min)
        self.offer_to_dispatch(order, int(market.rows("orders")["company_row"][order]))

    def on_depart(self, worker: int, stamp: int) -> None:
        """Begin the trip to the head of the plan."""
        market = self.market
        arrival = steps.set_out(
            market.columns, worker, stamp, market.now_min, market.visit_rules.no_show_probability,
            self._trip_noise_cv, market.seed,
        )  # fmt: skip
        if arrival >= 0.0:
            market.clock.at(arrival, _ARRIVE, worker)
        elif arrival == steps.NO_SHOW:
            self._no_show(worker, int(market.rows("workers")["plan"][worker][0]))

    def on_arrive(self, worker: int, _stamp: int) -> None:
        """Reach the household and begin the service."""
        market = self.market
        market.clock.at(steps.arrive(market.columns, worker, market.now_min, market.seed), _FINISH, worker)

    def on_finish(self, worker: int, _stamp: int) -> None:
        """End the service, plan what follows, and offer the worker to waiting orders."""
        market, rules = self.market, self.market.visit_rules
        order, company, waiting, late, leave, stamp = steps.end_visit(
            market.columns, market.index, worker, market.now_min, market.weights, market.judgement,
            rules.quality_sd, rules.late_limit_min, self._dropped, market.seed,
        )  # fmt: skip
        if self._orders.rows["complains"][order]:
            self.on_complaint(order)
        self._file(order)
        if leave < math.inf:
            market.clock.at(leave, _DEPART, worker, stamp)
        for dropped in self._dropped[:late].tolist():
            steps.release(market.columns, dropped, int(Reason.TOO_LATE), market.now_min)
            # One day's plan may hold visits for a firm and for a private contract.
            self.offer_to_dispatch(dropped, int(self._orders.rows["company_row"][dropped]))
        if late:
            waiting = int(market.rows("companies")["open_orders"][company])
        # Who serves a private contract may be with another firm, whose dispatcher has nothing to learn here.
        if waiting and self._workers.rows["company_row"][worker] == company:
            self._freed(company, worker)

    def on_confirm(self, order: int, stamp: int) -> None:
        """Let the household look for another time, firm or day, or give up, when nobody has been found in time."""
        row = self._orders.rows[order]
        if row["stamp"] == stamp and row["state"] == _OPEN:
            self._wait_no_longer(order)

    def _wait_no_longer(self, order: int) -> None:
        if self._comes_at_another_time(order) or self.ask_elsewhere(order):
            return
        row = self._orders.rows[order]
        if row["days_shifted"] >= row["days_patient"]:
            found = Reason(int(row["reason"]))
            self.close(order, OrderState.UNSERVED, found if found else Reason.PATIENCE_ENDED)
            return
        for column in ("earliest_min", "latest_min"):
            row[column] += MINUTES_PER_DAY
        row["days_shifted"] += 1
        row["confirm_by_min"] = self._confirm_by(order)
        self.offer_to_dispatch(order, int(row["company_row"]))

    def _comes_at_another_time(self, order: int) -> bool:
        """Offer an open order anew once, at the other times of its day that the household can bear."""
        market, row = self.market, self._orders.rows[order]
        rules = market.visit_rules
        if row["placement_row"] != NO_ROW:
            return False
        if not offer_other_times(
            market.columns, order, market.now_min, rules.notice_min, rules.flexible_mean_min, market.seed
        ):
            return False
        row["confirm_by_min"] = self._confirm_by(order)
        self._offer(order, int(row["company_row"]))
        return True

    def on_cancel(self, order: int, stamp: int) -> None:
        """Let the household cancel, unless the worker is already on the way."""
        row = self._orders.rows[order]
        if int(row["key"]) & _KEY_MASK != stamp:
            return
        if row["state"] in _BEFORE_THE_TRIP:
            self.close(order, OrderState.CANCELLED, Reason.HOUSEHOLD_CANCELLED)

    def on_dispatch(self, company: int, stamp: int) -> None:
        """Call a dispatcher at an epoch or after a deferral; epochs follow while they take orders off the queue."""
        companies = self.market.rows("companies")
        if stamp != _DEFERRED:
            companies["epoch_pending"][company] = 0
        waiting = int(companies["open_orders"][company])
        if waiting:
            self._decide(company, self.view.waiting(company))
            if 0 < companies["open_orders"][company] < waiting:
                self._enter_epoch(company, self.dispatchers[company].triggers.every_min)

    def on_response(self, order: int, stamp: int) -> None:
        """End a pool's time: the order goes to who accepted first, or is open again."""
        market = self.market
        row = market.rows("orders")[order]
        if row["stamp"] != stamp or row["state"] != OrderState.OFFERED:
            return
        winner, reason = int(row["pool_winner"]), int(row["reason"])
        order_steps.move(market.columns, order, _OPEN, reason, market.now_min)
        order_steps.push_open(market.columns, order)
        if winner != NO_ROW and self.assign_if_fits(order, winner):
            return
        if market.now_min >= row["confirm_by_min"]:
            self._wait_no_longer(order)
        else:
            self.offer_to_dispatch(order, int(row["company_row"]))

    def _freed(self, company: int, worker: int) -> None:
        """Tell the dispatcher that a worker is free while orders wait."""
        triggers = self.dispatchers[company].triggers
        if triggers.on_freed:
            self._decide(company, self.view.waiting(company), worker)
        self._enter_epoch(company, triggers.every_min)

    def _decide(self, company: int, due: np.ndarray, freed: int = NO_ROW) -> None:
        """Ask the dispatcher until nobody refuses or the offers are used up."""
        dispatcher = self.dispatchers[company]
        for _ in range(self.market.visit_rules.offers_at_most):
            actions = dispatcher.decide(self.view.look(company, due, freed))
            refused = self._carry_out(company, actions)
            if not refused:
                return
            # Another worker may take what one has refused; a freed worker may take another order instead.
            due = np.array(refused, np.int32) if freed == NO_ROW else due[~np.isin(due, refused)]

    def _carry_out(self, company: int, actions: Iterable[Action]) -> list[int]:
        refused = []
        for action in actions:
            match action:
                case Assign():
                    if not self._try_assign(company, action):
                        refused.append(action.order)
                case SetPlan():
                    self._set_plan(company, action)
                case OfferPool():
                    self._offer_pool(company, action)
                case Defer():
                    self._defer(company, action)
                case Reject():
                    self._reject(company, action)
        return refused

    def _try_assign(self, company: int, action: Assign) -> bool:
        """Return False only when the worker refused, so that the dispatcher may name another."""
        market = self.market
        worker, order = action.worker, action.order
        if not (0 <= order < self._orders.size and 0 <= worker < self._workers.size):
            self._illegal(company)
            return True
        outcome, leave, stamp = steps.try_assign(
            market.columns, market.index, company, worker, order, action.position, market.now_min,
            self._assign_rules, market.seed,
        )  # fmt: skip
        if leave < math.inf:
            market.clock.at(leave, _DEPART, worker, stamp)
        elif outcome == steps.ILLEGAL:
            self._illegal(company)
        return outcome != steps.REFUSED

    def _set_plan(self, company: int, action: SetPlan) -> None:
        outcome = replan(self.market, company, action)
        if outcome is None:
            self._illegal(company)
            return
        self._plan_departure(action.worker)
        for order in outcome:
            self._wait(order, company, self.dispatchers[company].triggers.every_min)

    def _offer_pool(self, company: int, action: OfferPool) -> None:
        market = self.market
        if not self._owns(company, action.order, OrderState.OPEN):
            return
        if not all(self._employs(company, worker) for worker in action.workers):
            return
        if not self._lies_ahead(company, action.until_min):
            return
        row = self._orders.rows[action.order]
        # Asking many at once does not make the household wait longer for a confirmation.
        promised_min = max(float(row["confirm_by_min"]), market.now_min)
        offers, until_min = int(row["offers"]), min(action.until_min, promised_min)
        answer = first_answer(market, action, until_min)
        if row["offers"] == offers:
            row["offers"] += 1
        order_steps.remove_open(market.columns, action.order)
        order_steps.move(market.columns, action.order, _OFFERED, answer.reason, market.now_min)
        row["pool_winner"] = answer.worker
        row["stamp"] += 1
        market.clock.at(answer.at_min, Kind.RESPONSE, action.order, int(row["stamp"]))

    def _defer(self, company: int, action: Defer) -> None:
        if not self._owns(company, action.order, OrderState.OPEN):
            return
        if not self._lies_ahead(company, action.until_min):
            return
        row = self.market.rows("companies")[company]
        if not self.market.now_min < row["deferred_until_min"] <= action.until_min:
            row["deferred_until_min"] = action.until_min
            self.market.clock.at(action.until_min, Kind.DISPATCH, company, _DEFERRED)

    def _reject(self, company: int, action: Reject) -> None:
        if not self._owns(company, action.order, OrderState.OPEN):
            return
        reason = action.reason or Reason.REJECTED_BY_DISPATCH
        if reason not in _REASONS:
            self._illegal(company)
            return
        self.close(action.order, OrderState.UNSERVED, Reason(reason))

    def _owns(self, company: int, order: int, state: OrderState) -> bool:
        """Return whether the order is the firm's and in this state; count it as illegal if not."""
        table = self.market.table("orders")
        legal = 0 <= order < table.size
        legal = legal and int(table.rows["company_row"][order]) == company
        legal = legal and int(table.rows["state"][order]) == state
        if not legal:
            self._illegal(company)
        return legal

    def _employs(self, company: int, worker: int) -> bool:
        table = self.market.table("workers")
        legal = 0 <= worker < table.size and int(table.rows["company_row"][worker]) == company
        if not legal:
            self._illegal(company)
        return legal

    def _lies_ahead(self, company: int, minute: float) -> bool:
        """Return whether a time is one that will come; anything else (the past, now, no number) is illegal."""
        legal = self.market.now_min < minute < math.inf
        if not legal:
            self._illegal(company)
        return legal

    def _illegal(self, company: int) -> None:
        self.market.rows("companies")["illegal_actions"][company] += 1

    def _plan_departure(self, worker: int) -> None:
        """Enter the departure to the plan's head, unless the worker is on the way or in service."""
        market = self.market
        if market.rows("workers")["frozen"][worker] == 0:
            self._depart_at(worker, steps.departure(market.columns, worker, market.now_min))

    def _depart_at(self, worker: int, leave_min: float) -> None:
        if leave_min < math.inf:
            market = self.market
            market.clock.at(leave_min, _DEPART, worker, int(market.rows("workers")["stamp"][worker]))

    def _no_show(self, worker: int, order: int) -> None:
        row = self.market.rows("orders")[order]
        row["refused_by"][row["offers"] % len(row["refused_by"])] = worker
        row["offers"] += 1
        self.release(worker, order, Reason.WORKER_NO_SHOW)

    def _wait(self, order: int, company: int, every_min: float) -> None:
        """Enter the time by which the household wants to know, and the dispatcher's next epoch.

        That time is set when the wanted day is: a firm cannot put it off by offering the order anew. Only an order
        that was assigned and has lost its worker after that time gets another one.
        """
        row = self._orders.rows[order]
        row["stamp"] += 1
        if row["confirm_by_min"] <= self.market.now_min:
            row["confirm_by_min"] = self._confirm_by(order)
        due = float(row["confirm_by_min"])
        if due < math.inf:
            self.market.clock.at(due, Kind.CONFIRM, order, int(row["stamp"]))
        self._enter_epoch(company, every_min)

    def _confirm_by(self, order: int) -> float:
        within = self.market.visit_rules.confirm_within_min
        latest = float(self._orders.rows["latest_min"][order])
        return max(min(self.market.now_min + within, latest), self.market.now_min)

    def _enter_epoch(self, company: int, every_min: float) -> None:
        companies = self.market.rows("companies")
        if every_min > 0.0 and not companies["epoch_pending"][company]:
            companies["epoch_pending"][company] = 1
            nth = math.floor(self.market.now_min / every_min) + 1
            if nth * every_min <= self.market.now_min:
                nth += 1  # now is itself a multiple, and the quotient was rounded down
            self.market.clock.at(nth * every_min, Kind.DISPATCH, company)

    def _file(self, order: int) -> None:
        """Copy an ended order into the month's log and give its slot back."""
        ended = self.market.ended_orders
        row = ended.add()
        ended.rows[row] = self.market.rows("orders")[order]
        self.market.table("orders").release(order)
