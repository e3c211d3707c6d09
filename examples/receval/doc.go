// Command receval fits a recommendation model to interactions from a file and
// measures it on others.
//
//	go run ./examples/receval --train T --test S [--k 20] [--model auto]
//	go run ./examples/receval --train T --test S --baskets
//
// A line of a file is a user and the items, oldest first, apart by blanks;
// files that end in .gz are unpacked. The whole catalogue is ranked for every
// user of the test file, without the items of the training file, and the
// result is printed as name=value, one a line. With --baskets a line is one
// basket: its last item is hidden, the others are shown.
//
// Two more commands make such files:
//
//	go run ./examples/receval orders lines.tsv.gz --split 2011-03-01 --train T --test S
//	go run ./examples/receval last sequences.txt.gz --train T --test S
//
// The first takes the invoices of a shop, one item for each upper-cased stock
// code, those before a day to learn from and the others to be tested on; the
// second keeps the last item of every line for the test.
package main
