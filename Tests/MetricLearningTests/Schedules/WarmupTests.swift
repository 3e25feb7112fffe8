import Foundation
import Tensors
import Testing

@testable import MetricLearning

@Suite("A warm-up")
struct WarmupTests {
    @Test("is read as steps or as a fraction, written as it is read, and kept in JSON")
    func text() throws {
        let cases: [(String, Warmup)] = [
            ("0", .none), ("1", .steps(1)), ("100", .steps(100)), ("0.1", .fraction(0.1)), ("1e-05", .fraction(1e-5)),
        ]
        for (text, warmup) in cases {
            #expect(try Warmup(parsing: text) == warmup)
            #expect("\(warmup)" == text)
            #expect(try JSONDecoder().decode([Warmup].self, from: JSONEncoder().encode([warmup])) == [warmup])
        }
        #expect(try Warmup(parsing: ".25") == .fraction(0.25))
    }

    @Test(
        "cannot be read",
        arguments: [
            "", " ", "-5", "-0.1", "1.5", "1.0", "0.0", "1e5", "nan", "inf", "0x1p-2", "+5", " 5", "5 ", "10%", "0,1",
            "99999999999999999999", "1e-999", "٣", "e", ".", "--", "0.1.2", String(repeating: "9", count: 100_000),
        ])
    func unreadable(text: String) {
        let error = #expect(throws: InputError.self) { try Warmup(parsing: text) }
        #expect(error.map { $0.object.count < 60 && !$0.remedy.isEmpty } == true)
    }

    @Test("of a fraction is rounded up to steps")
    func steps() {
        #expect(Warmup.steps(7).steps(of: 3) == 7)
        #expect([0, 1, 10, 11].map { Warmup.fraction(0.1).steps(of: $0) } == [0, 1, 1, 2])
    }
}
