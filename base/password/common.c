#include "base/password/common.h"

#include <stddef.h>

/* clang-format off */
const char *const password_common_words[] = {
    /* words for it, and for who has it */
    "password", "passwort", "passw0rd", "p4ssword", "pass", "word", "matkhau", "mk", "mat", "khau", "secret", "bimat",
    "admin", "administrator", "quantri", "root", "user", "guest", "test", "demo", "login", "dangnhap", "changeme",
    "doimatkhau", "default", "macdinh", "welcome", "xinchao", "hello", "letmein", "master", "system", "hethong",
    "taikhoan", "account", "server", "maychu", "maytinh", "computer", "internet", "wifi",
    /* the court */
    "assize", "toaan", "nhandan", "toaannhandan", "tandtc", "tand", "phientoa", "xetxu", "tructuyen", "thamphan", "thuky",
    "chutoa", "kiemsat", "vienkiemsat", "hoitham", "luatsu", "congly", "phapluat", "cong", "ly", "court", "judge",
    "clerk", "officer", "justice", "tuphap",
    /* places and the country */
    "vietnam", "viet", "nam", "hanoi", "saigon", "hochiminh", "tphcm", "danang", "haiphong", "cantho", "hue", "nhatrang",
    "dalat", "quan", "huyen", "tinh", "phuong", "thanhpho", "bacho", "dangcongsan", "doclap", "tudo", "hanhphuc",
    /* love, luck, family, animals, sport */
    "anhyeuem", "emyeuanh", "anh", "yeu", "em", "iloveyou", "love", "tinhyeu", "nhoem", "nhoanh", "conyeu", "conyeume",
    "giadinh", "bome", "maiyeu", "maimai", "khongbiet", "khongnho", "quenroi", "cogang", "thanhcong", "phattai", "locphat",
    "mayman", "tinhban", "banbe", "hoangtu", "congchua", "angel", "princess", "sunshine", "monkey", "dragon",
    "tiger", "football", "bongda", "baseball", "shadow", "superman", "batman", "pokemon", "naruto", "michael", "jesus",
    "phat", "nguyen", "tran", "pham", "hoang", "huynh", "minh", "linh", "hung", "dung", "tuan", "huong", "thao",
    "trang", "abc", "abcd", "xyz", "summer", "winter", "spring", "autumn", "monday", "friday", "google", "facebook",
    "samsung", "iphone", "nokia", "zalo",
    /* rows of the keyboard */
    "qwerty", "qwertyuiop", "qwert", "asdfghjkl", "asdfgh", "asdf", "zxcvbnm", "zxcvbn", "zxcv", "qazwsx", "qazwsxedc",
    "wsxedc", "edcrfv", "rfvtgb", "1qaz", "2wsx", "3edc", "4rfv", "1q2w3e4r", "1q2w3e", "q1w2e3r4", "azerty",
    /* numbers */
    "147258369", "159753", "741852963", "112233", "121212", "123123", "123321", "131313", "142536", "456456", "696969",
    "789456", "6789", "1990", "1991", "1992", "1993", "1994", "1995", "1996", "1997", "1998", "1999", "2000", "2020", "2021",
    "2022", "2023", "2024", "2025", "2026", "2027",
    NULL};
/* clang-format on */
