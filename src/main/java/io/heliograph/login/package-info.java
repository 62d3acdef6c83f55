/**
 * QR login: a browser shows a code, the user confirms on a phone, and only that browser receives
 * the grant. {@link io.heliograph.login.TicketRules} is the state machine of a ticket, {@link
 * io.heliograph.login.Tickets} applies it by compare-and-set in a store, and a published state only
 * says that the ticket changed. {@link io.heliograph.login.BrowserLogins} and {@link
 * io.heliograph.login.Grants} are the browser's side, {@link io.heliograph.login.PhoneLogins} is
 * the phone's.
 */
@NullMarked
package io.heliograph.login;

import org.jspecify.annotations.NullMarked;
