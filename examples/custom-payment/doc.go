// Command custom-payment takes payments by cheque, a way to pay that Souk does
// not know.
//
// cheque.go is all that it takes: a type with the four methods of
// [payment.Gateway] that keeps its own books and says for every error what it
// means. It has no side powers: a cheque is not refunded by itself (the shop
// opens a case for a person), and the desk sends no notices (the shop asks).
// cheque_test.go proves it with the conformance suite, payment/paymenttest, and
// main plugs it into a shop.
package main
