"""The part of Mesa that this package uses, alike in 3.3 and 3.5; Mesa ships no types of its own for 3.3."""

from mesa.agent import Agent as Agent
from mesa.agent import AgentSet as AgentSet
from mesa.datacollection import DataCollector as DataCollector
from mesa.model import Model as Model

__version__: str
