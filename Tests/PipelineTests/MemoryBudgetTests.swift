import Tensors
import Testing

@testable import Pipeline

@Suite("MemoryBudget")
struct MemoryBudgetTests {
    static let readable: [(String, Int)] = [
        ("1", 1), ("4096", 4096), ("3K", 3072), ("200M", 209_715_200), ("2G", 2_147_483_648),
        ("1T", 1_099_511_627_776), ("2g", 2_147_483_648), ("0010k", 10_240),
        ("8388607T", 9_223_370_937_343_148_032),
    ]

    @Test("Bytes, and powers of 1024 by their letters", arguments: readable)
    func reads(text: String, bytes: Int) throws {
        #expect(try MemoryBudget(text).bytes == bytes)
    }

    @Test(
        "Anything else is refused with what would do",
        arguments: [
            "", "K", "2GB", "2GiB", "1.5G", "-1", "+1", "0", "0G", " 2G", "2 G", "2P", "٣", "8388608T",
            "99999999999999999999", "G2", "0x10", "2G\0",
        ])
    func refuses(text: String) {
        let error = #expect(throws: InputError.self) { try MemoryBudget(text) }
        #expect(error?.remedy.contains("2G") == true)
    }

    @Test("The default is half of a machine or of a control group")
    func standard() {
        #expect(MemoryBudget.standard.bytes > 1 << 20)
        #expect(MemoryBudget.groupLimit("max\n") == nil)
        #expect(MemoryBudget.groupLimit("1073741824\n") == 1 << 30)
        #expect(MemoryBudget.groupLimit("") == nil && MemoryBudget.groupLimit("0") == nil)
    }

    @Test("Written in binary units")
    func text() {
        #expect(MemoryBudget(bytes: 3 << 19).description == "1.5 MiB")
        #expect(MemoryBudget(bytes: 15 << 30).description == "15.0 GiB")
    }
}
