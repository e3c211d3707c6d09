package main

import "github.com/soukhq/souk/commerce/address"

// addressIn returns an address in a country as the file names it. The file
// says no more than the country; the rest is made up, and for a country that
// is not in the table it is London.
func addressIn(country string) (a address.Address, known bool) {
	a = address.Address{Name: "Customer of the shop", Phone: "+44 20 7946 0018", Line1: "1 High Street"}
	known = true
	switch country {
	case "Australia":
		a.Country, a.Region, a.City, a.PostalCode = "AU", "NSW", "Sydney", "2000"
	case "Austria":
		a.Country, a.City, a.PostalCode = "AT", "Wien", "1010"
	case "Bahrain":
		a.Country, a.City = "BH", "Manama"
	case "Belgium":
		a.Country, a.City, a.PostalCode = "BE", "Brussels", "1000"
	case "Brazil":
		a.Country, a.Region, a.City, a.PostalCode = "BR", "SP", "São Paulo", "01310-100"
	case "Canada":
		a.Country, a.Region, a.City, a.PostalCode = "CA", "ON", "Toronto", "M5H 2N2"
	case "Channel Islands":
		a.Country, a.City, a.PostalCode = "JE", "St Helier", "JE2 3AB"
	case "Cyprus":
		a.Country, a.City, a.PostalCode = "CY", "Nicosia", "1010"
	case "Czech Republic":
		a.Country, a.City, a.PostalCode = "CZ", "Praha", "110 00"
	case "Denmark":
		a.Country, a.City, a.PostalCode = "DK", "København", "1050"
	case "EIRE":
		a.Country, a.City, a.PostalCode = "IE", "Dublin", "D02 X285"
	case "Finland":
		a.Country, a.City, a.PostalCode = "FI", "Helsinki", "00100"
	case "France":
		a.Country, a.City, a.PostalCode = "FR", "Paris", "75001"
	case "Germany":
		a.Country, a.City, a.PostalCode = "DE", "Berlin", "10115"
	case "Greece":
		a.Country, a.City, a.PostalCode = "GR", "Athens", "105 57"
	case "Hong Kong":
		a.Country, a.District = "HK", "Central"
	case "Iceland":
		a.Country, a.City, a.PostalCode = "IS", "Reykjavík", "101"
	case "Israel":
		a.Country, a.City = "IL", "Haifa"
	case "Italy":
		a.Country, a.City, a.PostalCode = "IT", "Roma", "00184"
	case "Japan":
		a.Country, a.Region, a.City, a.PostalCode = "JP", "Tokyo", "Chiyoda-ku", "100-0001"
	case "Lebanon":
		a.Country, a.City = "LB", "Beirut"
	case "Lithuania":
		a.Country, a.City = "LT", "Vilnius"
	case "Malta":
		a.Country, a.City = "MT", "Valletta"
	case "Netherlands":
		a.Country, a.City, a.PostalCode = "NL", "Amsterdam", "1012 AB"
	case "Norway":
		a.Country, a.City, a.PostalCode = "NO", "Oslo", "0150"
	case "Poland":
		a.Country, a.City, a.PostalCode = "PL", "Warszawa", "00-001"
	case "Portugal":
		a.Country, a.City, a.PostalCode = "PT", "Lisboa", "1100-148"
	case "Saudi Arabia":
		a.Country, a.City = "SA", "Riyadh"
	case "Singapore":
		a.Country, a.PostalCode = "SG", "018956"
	case "Spain":
		a.Country, a.City, a.PostalCode = "ES", "Madrid", "28013"
	case "Sweden":
		a.Country, a.City, a.PostalCode = "SE", "Stockholm", "111 20"
	case "Switzerland":
		a.Country, a.City, a.PostalCode = "CH", "Zürich", "8001"
	case "USA":
		a.Country, a.Region, a.City, a.PostalCode = "US", "NY", "New York", "10001"
	case "United Arab Emirates":
		a.Country, a.City = "AE", "Dubai"
	default:
		a.Country, a.City, a.PostalCode = "GB", "London", "SW1A 1AA"
		known = country == "United Kingdom"
	}
	return a, known
}
