import Tensors
import Testing

@testable import FeatureStorage

@Suite("A content") struct ContentTableTests {
    @Test("gets a number of its own in the table, once")
    func table() throws {
        let keys = (0..<4).map { Sample.content($0) }
        var table = ContentTable()
        let entered = [
            table.enter(keys[0], number: 1, isInSpace: false, hasRow: true),
            table.enter(keys[1], number: 7, isInSpace: true, hasRow: true),
            table.enter(keys[0], number: 1, isInSpace: false, hasRow: true),
        ]
        #expect(entered == [true, true, true])
        #expect(keys.map { table.isInSpace($0) } == [false, true, false, false])
        table.markInSpace(keys[2])
        let numbers = [3, 2, 0, 1, 2].map { table.number(of: keys[$0]) }
        #expect(numbers.map(\.number) == [8, 9, 1, 7, 9])
        #expect(numbers.map(\.isNew) == [true, true, false, false, false])
        #expect(keys.map { table.isInSpace($0) } == [false, true, true, false])
        let found = table.keys()
        #expect([1, 7, 8, 9].map { found[$0] } == [keys[0], keys[1], keys[3], keys[2]])
        #expect([-1, 0, 2, 10, 1 << 40].allSatisfy { found[$0] == nil })
    }

    @Test("with another number than before, or one that cannot be, is refused")
    func conflicts() {
        var table = ContentTable()
        let numbers: [Int64] = [5, 6, 0, -1, 1 << 32]
        let entered = numbers.map { table.enter(Sample.content(0), number: $0, isInSpace: false, hasRow: true) }
        #expect(entered == [true, false, false, false, false])
    }

    @Test("without a row is remembered until a row has it")
    func rowless() {
        var table = ContentTable()
        let (number, _) = table.number(of: Sample.content(3))
        table.markRowless(number)
        let had = [table.markStored(number), table.markStored(number), table.markStored(77)]
        #expect(had == [true, false, false])
    }
}
