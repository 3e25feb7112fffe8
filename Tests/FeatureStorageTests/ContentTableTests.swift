import Tensors
import Testing

@testable import FeatureStorage

@Suite("A content") struct ContentTableTests {
    @Test("gets a number of its own in the table, once")
    func table() throws {
        let keys = (0..<4).map { Sample.content($0) }
        var table = try #require(ContentTable(Array(keys[..<2]), isInSpace: [false, true]))
        #expect(keys.map { table.isInSpace($0) } == [false, true, false, false])
        table.markInSpace(keys[2])
        let numbers = [3, 2, 0, 1, 2].map { table.number(of: keys[$0]) }
        #expect(numbers.map(\.number) == [3, 4, 1, 2, 4])
        #expect(numbers.map(\.isNew) == [true, true, false, false, false])
        #expect(keys.map { table.isInSpace($0) } == [false, true, true, false])
        let twice = ContentTable([keys[0], keys[0]], isInSpace: nil)
        #expect(twice == nil)
    }
}
