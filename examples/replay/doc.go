// Command replay puts the invoices of a real shop through Souk and proves
// that not a penny and not a piece got lost on the way.
//
//	go run ./examples/replay DIR [--sqlite FILE | --postgres URL]
//
// DIR holds lines.tsv.gz (invoice, stock code, quantity, time, unit price,
// customer, country) and products.tsv.gz (stock code, description), of the data
// set "Online Retail" of the UCI Machine Learning Repository (CC BY 4.0,
// https://archive.ics.uci.edu/dataset/352/online+retail): one sheet, which a
// spreadsheet saves as text between tabs, with times like 2010-12-01 08:26. Of
// that, four months are
//
//	awk -F'\t' -v OFS='\t' 'NR == 1 { print "invoice", "stock_code", "qty", "ts", "unit_price", "customer", "country" }
//		NR > 1 && $5 < "2011-04" { print $1, $2, $4, $5, $6, $7, $8 }' sheet.tsv | gzip >DIR/lines.tsv.gz
//	awk -F'\t' -v OFS='\t' 'NR == 1 { print "stock_code", "description" }
//		NR > 1 && !seen[$2]++ { print $2, $3 }' sheet.tsv | gzip >DIR/products.tsv.gz
//
// Every stock
// code becomes a product, every unit price of it a SKU, every customer a
// member; whoever has no customer number buys as a guest. Every invoice is
// then put into a cart, quoted, placed, paid, shipped and completed at the time
// the file names, through the same API that a web shop calls.
//
// At the end the store is closed and opened again, and what it says was sold
// is added up three ways, from the orders, from the captured payments and from
// the stock ledger. The exit status is 1 where one of them differs from the
// file.
//
// With --advise the shop then learns from these purchases, and prints what it
// recommends beside the products that sell best. Its stock is filled for that,
// as nothing is recommended that cannot be bought: such a store no longer agrees
// with the file under --check.
package main
