/**
 * QR login: a browser shows a code, a phone confirms, and exactly that browser is told. {@link
 * io.heliograph.login.TicketRules} decides what an event does to a ticket, {@link
 * io.heliograph.login.Tickets} makes it true by compare-and-set in a store, and what is published
 * only says that the ticket changed. {@link io.heliograph.login.BrowserLogins} and {@link
 * io.heliograph.login.Grants} are the browser's side, {@link io.heliograph.login.PhoneLogins} is
 * the phone's.
 */
@NullMarked
package io.heliograph.login;

import org.jspecify.annotations.NullMarked;
