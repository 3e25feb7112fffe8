import Testing

@testable import Pipeline

@Suite("EpochLosses")
struct EpochLossesTests {
    @Test("The mean of each epoch, and of the last one so far")
    func means() {
        var losses = EpochLosses()
        #expect(losses.means.isEmpty)
        #expect(losses.add(1, epoch: 0) == 1)
        #expect(losses.add(2, epoch: 0) == 1.5)
        #expect(losses.add(5, epoch: 1) == 5)
        #expect(losses.means == [1.5, 5])
    }
}
