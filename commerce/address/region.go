package address

import "strings"

// Region is a province or state.
type Region struct {
	// Value is what [Address.Region] holds once normalised: the written form
	// of the country's post.
	Value string
	// Name is the English name.
	Name string
	// short is a further common form.
	short string
}

// Regions lists the regions of a country whose regions are known: CN, US, CA
// and AU. Nil for every other country, whose region is free text. The slice
// is the caller's.
func Regions(country string) []Region {
	switch country {
	case "CN":
		return chineseRegions()
	case "US":
		return americanRegions()
	case "CA":
		return []Region{
			{Value: "AB", Name: "Alberta"},
			{Value: "BC", Name: "British Columbia"},
			{Value: "MB", Name: "Manitoba"},
			{Value: "NB", Name: "New Brunswick"},
			{Value: "NL", Name: "Newfoundland and Labrador"},
			{Value: "NS", Name: "Nova Scotia"},
			{Value: "NT", Name: "Northwest Territories"},
			{Value: "NU", Name: "Nunavut"},
			{Value: "ON", Name: "Ontario"},
			{Value: "PE", Name: "Prince Edward Island"},
			{Value: "QC", Name: "Quebec", short: "Québec"},
			{Value: "SK", Name: "Saskatchewan"},
			{Value: "YT", Name: "Yukon"},
		}
	case "AU":
		return []Region{
			{Value: "ACT", Name: "Australian Capital Territory"},
			{Value: "NSW", Name: "New South Wales"},
			{Value: "NT", Name: "Northern Territory"},
			{Value: "QLD", Name: "Queensland"},
			{Value: "SA", Name: "South Australia"},
			{Value: "TAS", Name: "Tasmania"},
			{Value: "VIC", Name: "Victoria"},
			{Value: "WA", Name: "Western Australia"},
		}
	}
	return nil
}

// findRegion returns the written form of a region given by any of its names.
func findRegion(country, typed string) (string, bool) {
	regions := Regions(country)
	if regions == nil {
		return typed, true
	}
	for _, r := range regions {
		if strings.EqualFold(typed, r.Value) || strings.EqualFold(typed, r.Name) ||
			r.short != "" && strings.EqualFold(typed, r.short) {
			return r.Value, true
		}
	}
	return "", false
}

func chineseRegions() []Region {
	return []Region{
		{"北京市", "Beijing", "北京"},
		{"天津市", "Tianjin", "天津"},
		{"河北省", "Hebei", "河北"},
		{"山西省", "Shanxi", "山西"},
		{"内蒙古自治区", "Inner Mongolia", "内蒙古"},
		{"辽宁省", "Liaoning", "辽宁"},
		{"吉林省", "Jilin", "吉林"},
		{"黑龙江省", "Heilongjiang", "黑龙江"},
		{"上海市", "Shanghai", "上海"},
		{"江苏省", "Jiangsu", "江苏"},
		{"浙江省", "Zhejiang", "浙江"},
		{"安徽省", "Anhui", "安徽"},
		{"福建省", "Fujian", "福建"},
		{"江西省", "Jiangxi", "江西"},
		{"山东省", "Shandong", "山东"},
		{"河南省", "Henan", "河南"},
		{"湖北省", "Hubei", "湖北"},
		{"湖南省", "Hunan", "湖南"},
		{"广东省", "Guangdong", "广东"},
		{"广西壮族自治区", "Guangxi", "广西"},
		{"海南省", "Hainan", "海南"},
		{"重庆市", "Chongqing", "重庆"},
		{"四川省", "Sichuan", "四川"},
		{"贵州省", "Guizhou", "贵州"},
		{"云南省", "Yunnan", "云南"},
		{"西藏自治区", "Tibet", "西藏"},
		{"陕西省", "Shaanxi", "陕西"},
		{"甘肃省", "Gansu", "甘肃"},
		{"青海省", "Qinghai", "青海"},
		{"宁夏回族自治区", "Ningxia", "宁夏"},
		{"新疆维吾尔自治区", "Xinjiang", "新疆"},
		{"台湾省", "Taiwan", "台湾"},
		{"香港特别行政区", "Hong Kong", "香港"},
		{"澳门特别行政区", "Macao", "澳门"},
	}
}

func americanRegions() []Region {
	return []Region{
		{Value: "AL", Name: "Alabama"},
		{Value: "AK", Name: "Alaska"},
		{Value: "AZ", Name: "Arizona"},
		{Value: "AR", Name: "Arkansas"},
		{Value: "CA", Name: "California"},
		{Value: "CO", Name: "Colorado"},
		{Value: "CT", Name: "Connecticut"},
		{Value: "DE", Name: "Delaware"},
		{Value: "DC", Name: "District of Columbia"},
		{Value: "FL", Name: "Florida"},
		{Value: "GA", Name: "Georgia"},
		{Value: "HI", Name: "Hawaii"},
		{Value: "ID", Name: "Idaho"},
		{Value: "IL", Name: "Illinois"},
		{Value: "IN", Name: "Indiana"},
		{Value: "IA", Name: "Iowa"},
		{Value: "KS", Name: "Kansas"},
		{Value: "KY", Name: "Kentucky"},
		{Value: "LA", Name: "Louisiana"},
		{Value: "ME", Name: "Maine"},
		{Value: "MD", Name: "Maryland"},
		{Value: "MA", Name: "Massachusetts"},
		{Value: "MI", Name: "Michigan"},
		{Value: "MN", Name: "Minnesota"},
		{Value: "MS", Name: "Mississippi"},
		{Value: "MO", Name: "Missouri"},
		{Value: "MT", Name: "Montana"},
		{Value: "NE", Name: "Nebraska"},
		{Value: "NV", Name: "Nevada"},
		{Value: "NH", Name: "New Hampshire"},
		{Value: "NJ", Name: "New Jersey"},
		{Value: "NM", Name: "New Mexico"},
		{Value: "NY", Name: "New York"},
		{Value: "NC", Name: "North Carolina"},
		{Value: "ND", Name: "North Dakota"},
		{Value: "OH", Name: "Ohio"},
		{Value: "OK", Name: "Oklahoma"},
		{Value: "OR", Name: "Oregon"},
		{Value: "PA", Name: "Pennsylvania"},
		{Value: "RI", Name: "Rhode Island"},
		{Value: "SC", Name: "South Carolina"},
		{Value: "SD", Name: "South Dakota"},
		{Value: "TN", Name: "Tennessee"},
		{Value: "TX", Name: "Texas"},
		{Value: "UT", Name: "Utah"},
		{Value: "VT", Name: "Vermont"},
		{Value: "VA", Name: "Virginia"},
		{Value: "WA", Name: "Washington"},
		{Value: "WV", Name: "West Virginia"},
		{Value: "WI", Name: "Wisconsin"},
		{Value: "WY", Name: "Wyoming"},
		{Value: "AS", Name: "American Samoa"},
		{Value: "GU", Name: "Guam"},
		{Value: "MP", Name: "Northern Mariana Islands"},
		{Value: "PR", Name: "Puerto Rico"},
		{Value: "VI", Name: "U.S. Virgin Islands"},
		{Value: "AA", Name: "Armed Forces Americas"},
		{Value: "AE", Name: "Armed Forces Europe"},
		{Value: "AP", Name: "Armed Forces Pacific"},
	}
}
