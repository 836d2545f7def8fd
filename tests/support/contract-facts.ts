import { parseName } from '../../options/index.js';

/** What the contract test must know of an optimizer to hold it to account on the quadratic of {@link contractBowls}. */
export interface ContractFacts {
  /** Comes to a hundredth of the loss in 600 steps with it, and goes down with a twentieth of it. */
  readonly learningRate: number;
  /** Single steps may raise the loss. */
  readonly wanders: boolean;
  /** Steps over which the cost is the mean that is declared. */
  readonly period: number;
  /** After so many steps every trainable number has moved. */
  readonly steadySteps: number;
  /** The first step from theta is, on average over seeds, eta times the gradient; and its variance is that of d z. */
  readonly unbiased: boolean;
  /** Under two seeds some numbers may move alike: all by eta or not at all, or some as if by no chance. */
  readonly mayMeet: boolean;
  /** Forward passes of a step on the quadratic, where the cost depends on the parts of a model. */
  readonly forwards: number | undefined;
  /** Options it is tested with, where its defaults are made for something else than the quadratic. */
  readonly options: string;
}

const ordinary: ContractFacts = {
  // Below the 2 / (a (d + 2)) = 0.077 at which a random direction of d = 11 dimensions overshoots on the steepest axis.
  learningRate: 0.02,
  wanders: false,
  period: 7,
  steadySteps: 3,
  unbiased: false,
  mayMeet: false,
  forwards: undefined,
  options: '',
};

/** Where an optimizer differs from the ordinary, and why. */
const facts: Readonly<Record<string, Partial<ContractFacts>>> = {
  'zo-sgd': { unbiased: true },
  'forward-grad': { unbiased: true },
  // One direction's signs agree with those of the gradient in little more than half of the coordinates.
  'zo-sgd-sign': { wanders: true, mayMeet: true },
  // In the long run its steps are 1 / (1 - 0.9) times as long as ZO-SGD's.
  'zo-sgd-mmt': { learningRate: 0.002 },
  // At its default sparsity the large numbers stay where they are for ever, which its own tests see to.
  'sparse-mezo': { options: ':sparsity=0' },
  // Two for each of the two parameters, which are blocks of their own.
  'zo-sgd-block': { forwards: 4 },
  // The first-order part's learning rate is 100 times as large and has to stay below the 2 / a = 1 of gradient descent.
  'zo-fo-sgd': { learningRate: 0.008, mayMeet: true },
  // An anchor at every second step; the first step is one.
  'mezo-svrg': { period: 8, unbiased: true },
  // Its steps are about as long near the minimum as far from it.
  'r-adazo': { learningRate: 0.01 },
  // Its estimate has 25/4 of ZO-SGD's second moment, and every sixth step or so goes uphill.
  kerzoo: { learningRate: 0.015, wanders: true },
  // Everything in the quadratic is one-dimensional, for which the released code's learning rate is a hundred-thousandth of eta.
  'zo-muon': { options: ':vector-rate=1' },
};

/** By id; options after it do not count. */
export const contractFacts = (name: string): ContractFacts => ({ ...ordinary, ...facts[parseName('optimizer', name).id] });
